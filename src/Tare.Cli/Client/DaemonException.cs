namespace Tare.Cli.Client;

/// <summary>The daemon refused a request. The message begins as Docker's: <c>Error response from daemon: …</c>.</summary>
internal sealed class DaemonException(int status, string reason) : Exception($"Error response from daemon: {reason}")
{
    /// <summary>The HTTP status.</summary>
    public int Status { get; } = status;

    /// <summary>The daemon could not make out the name of an image. Docker's client finds this by itself, and so says it without "from daemon".</summary>
    public bool IsBadReference => Status == 400 && Reason.StartsWith("invalid reference format", StringComparison.Ordinal);

    /// <summary>The daemon's own words.</summary>
    public string Reason { get; } = reason;
}
