using System.Globalization;
using System.Net.Security;
using System.Text;
using Tare.Engine.Errors;

namespace Tare.Engine.Logs.Targets;

/// <summary>The driver syslog: over UDP, TCP, TLS or a unix socket, in the local form, or that of RFC 3164 or RFC 5424.</summary>
internal sealed class SyslogTarget : ILogTarget
{
    private const int DefaultPort = 514;
    private const int ErrorSeverity = 3;
    private const int InformationSeverity = 6;

    private static readonly string[] s_facilities =
    [
        "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "", "", "", "",
        "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
    ];

    /// <summary>Where a machine's syslog listens.</summary>
    private static readonly string[] s_localSockets = ["/dev/log", "/var/run/syslog", "/var/run/log"];

    private readonly TargetAddress? _address;
    private readonly SslClientAuthenticationOptions? _tls;
    private readonly int _facility;
    private readonly string _format;
    private readonly string _tag;
    private TargetConnection? _connection;

    /// <summary>Makes a target of checked options.</summary>
    /// <exception cref="EngineException">InvalidArgument: a file for TLS cannot be read.</exception>
    public SyslogTarget(LogSubject subject, LogOptionReader options)
    {
        _address = AddressOf(options.Text("syslog-address"));
        _facility = FacilityOf(options.Text("syslog-facility"));
        _format = options.Text("syslog-format");
        _tag = LogTag.Of(subject, "{{.ID}}");
        _tls = _address?.Protocol == "tls"
            ? ClientTls.Of(_address.Host, options.Text("syslog-tls-ca-cert"), options.Text("syslog-tls-cert"), options.Text("syslog-tls-key"), options.Has("syslog-tls-skip-verify"))
            : null;
    }

    /// <inheritdoc/>
    public bool MustBeReachable => true;

    /// <inheritdoc/>
    public TimeSpan RetryDelay => TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public ulong? MostRetries => null;

    /// <summary>Checks options.</summary>
    /// <exception cref="EngineException">InvalidArgument: one is wrong.</exception>
    public static void Check(LogOptionReader options)
    {
        AddressOf(options.Text("syslog-address"));
        FacilityOf(options.Text("syslog-facility"));
        if (options.Text("syslog-format") is not ("" or "rfc3164" or "rfc5424" or "rfc5424micro"))
        {
            EngineErrors.ThrowInvalid("Invalid syslog format");
        }
    }

    /// <inheritdoc/>
    public async Task ConnectAsync(CancellationToken cancellationToken)
    {
        Dispose();
        _connection = _address is not null ? await TargetConnection.OpenAsync(_address, _tls, cancellationToken) : await OpenLocalAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public Task SendAsync(TargetEntry entry, CancellationToken cancellationToken) => _connection!.SendAsync(Format(entry), cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        _connection?.Dispose();
        _connection = null;
    }

    private static async Task<TargetConnection> OpenLocalAsync(CancellationToken cancellationToken)
    {
        foreach (string socket in s_localSockets)
        {
            foreach (string protocol in (string[])["unixgram", "unix"])
            {
                try
                {
                    return await TargetConnection.OpenAsync(new TargetAddress(protocol, socket, 0), null, cancellationToken);
                }
                catch (IOException)
                {
                    // The next place.
                }
            }
        }

        throw new IOException("Unix syslog delivery error");
    }

    /// <summary>The bytes of a message.</summary>
    internal byte[] Format(TargetEntry entry)
    {
        int priority = (_facility * 8) + (entry.IsError ? ErrorSeverity : InformationSeverity);
        DateTimeOffset time = entry.Time.ToLocalTime();
        CultureInfo culture = CultureInfo.InvariantCulture;
        string head = _format switch
        {
            "rfc3164" => string.Create(culture, $"<{priority}>{Stamp(time)} {Environment.MachineName} {_tag}[{Environment.ProcessId}]: "),
            "rfc5424" => string.Create(culture, $"<{priority}>1 {time:yyyy-MM-dd'T'HH:mm:ss}{Zone(time)} {Environment.MachineName} {_tag} {Environment.ProcessId} {_tag} - "),
            "rfc5424micro" => string.Create(culture, $"<{priority}>1 {time:yyyy-MM-dd'T'HH:mm:ss.ffffff}{Zone(time)} {Environment.MachineName} {_tag} {Environment.ProcessId} {_tag} - "),
            _ => string.Create(culture, $"<{priority}>{Stamp(time)} {_tag}[{Environment.ProcessId}]: "),
        };
        byte[] message = [.. Encoding.UTF8.GetBytes(head), .. entry.Text.Span, (byte)'\n'];

        // RFC 5425: over TLS a length stands before each message.
        return _tls is not null && _format.StartsWith("rfc5424", StringComparison.Ordinal)
            ? [.. Encoding.ASCII.GetBytes(message.Length.ToString(culture) + " "), .. message]
            : message;
    }

    private static string Stamp(DateTimeOffset time) => string.Create(CultureInfo.InvariantCulture, $"{time:MMM} {time.Day,2} {time:HH:mm:ss}");

    private static string Zone(DateTimeOffset time) => time.Offset == TimeSpan.Zero ? "Z" : time.ToString("zzz", CultureInfo.InvariantCulture);

    private static TargetAddress? AddressOf(string text)
    {
        if (text.Length == 0)
        {
            return null;
        }

        (string scheme, string location) = TargetAddress.Split(text);
        return scheme switch
        {
            "udp" or "tcp" => TargetAddress.Network(scheme, location, DefaultPort),
            "tcp+tls" => TargetAddress.Network("tls", location, DefaultPort),
            "unix" or "unixgram" => new TargetAddress(scheme, location, 0),
            _ => throw new EngineException(ErrorClass.InvalidArgument, $"unsupported scheme: '{scheme}'"),
        };
    }

    private static int FacilityOf(string text)
    {
        const int Daemon = 3;
        if (text.Length == 0)
        {
            return Daemon;
        }

        int named = Array.IndexOf(s_facilities, text);
        return named >= 0 ? named
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= 23 ? number
            : throw new EngineException(ErrorClass.InvalidArgument, "invalid syslog facility");
    }
}
