using System.Globalization;
using System.Net.Sockets;
using Tare.Daemon.Options;

namespace Tare.Daemon.Hosting;

/// <summary>A bound socket that the server listens on. Owns the socket, and the file of a unix socket that it made.</summary>
internal sealed class ListeningSocket : IDisposable
{
    // systemd passes sockets from this number on (sd_listen_fds(3)).
    private const int FirstInherited = 3;

    private readonly Socket _socket;
    private readonly string? _path;

    private ListeningSocket(Socket socket, string description, string? path)
    {
        _socket = socket;
        Description = description;
        _path = path;
    }

    /// <summary>What it is, for the log.</summary>
    public string Description { get; }

    /// <summary>Whether it is a TCP socket.</summary>
    public bool IsTcp => _socket.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6;

    /// <summary>Number of the descriptor.</summary>
    public ulong Descriptor => (ulong)_socket.Handle;

    /// <summary>Binds an address.</summary>
    /// <exception cref="OptionException">It is in use, forbidden, or nothing was inherited.</exception>
    /// <param name="address">The address.</param>
    /// <param name="group">Number of the group that may use a unix socket; null leaves the process's.</param>
    public static IReadOnlyList<ListeningSocket> Bind(ListenAddress address, uint? group)
    {
        try
        {
            return address.Path is { } path ? [BindUnix(path, group)]
                : address.EndPoint is { } endPoint ? [BindTcp(endPoint, address.Text)]
                : Inherit(address);
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException)
        {
            throw new OptionException($"listen at \"{address.Text}\": {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _socket.Dispose();
        if (_path is not null)
        {
            File.Delete(_path);
        }
    }

    private static ListeningSocket BindUnix(string path, uint? group)
    {
        string folder = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        }

        RemoveStale(path);
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            // Nobody can connect before listen(2): the mode is in force from the first moment.
            socket.Bind(new UnixDomainSocketEndPoint(path));
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite);
            if (group is { } id)
            {
                Linux.Files.Ownership.SetGroup(path, id);
            }

            return new ListeningSocket(socket, path, path);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Removes the socket of a daemon that is no more; refuses when one answers.</summary>
    private static void RemoveStale(string path)
    {
        if (!File.Exists(path))
        {
            return;
        }

        using Socket probe = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionRefused or SocketError.AddressNotAvailable)
        {
            File.Delete(path);
            return;
        }

        throw new OptionException($"listen at \"unix://{path}\": another process answers there");
    }

    private static ListeningSocket BindTcp(System.Net.IPEndPoint endPoint, string text)
    {
        Socket socket = new(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(endPoint);
            return new ListeningSocket(socket, text, null);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static List<ListeningSocket> Inherit(ListenAddress address)
    {
        bool isForUs = Environment.GetEnvironmentVariable("LISTEN_PID") is not { } pid || pid == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        if (!isForUs || !int.TryParse(Environment.GetEnvironmentVariable("LISTEN_FDS"), NumberStyles.None, CultureInfo.InvariantCulture, out int count) || count == 0)
        {
            throw new OptionException($"listen at \"{address.Text}\": no sockets found via socket activation: make sure the service was started by systemd");
        }

        List<ListeningSocket> sockets = [];
        for (int fd = FirstInherited; fd < FirstInherited + count; fd++)
        {
            if (address.Descriptor is -1 || address.Descriptor == fd)
            {
                // Children must not hold the sockets open.
                Linux.Files.Ownership.CloseOnExec(fd);
                sockets.Add(new ListeningSocket(new Socket(new SafeSocketHandle(fd, ownsHandle: true)), $"fd://{fd}", null));
            }
        }

        return sockets.Count > 0 ? sockets : throw new OptionException($"listen at \"{address.Text}\": systemd passed no such socket");
    }
}
