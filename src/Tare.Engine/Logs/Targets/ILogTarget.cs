namespace Tare.Engine.Logs.Targets;

/// <summary>
/// Where a log driver sends entries. One caller at a time: <see cref="ConnectAsync"/>, then any number of <see cref="SendAsync"/>; after an exception the connection is
/// given up, and connecting begins anew. Disposing closes the connection.
/// </summary>
internal interface ILogTarget : IDisposable
{
    /// <summary>Whether a container's start fails when the target cannot be reached.</summary>
    bool MustBeReachable { get; }

    /// <summary>The wait before a failed sending is tried again.</summary>
    TimeSpan RetryDelay { get; }

    /// <summary>How often a sending is tried again before its entry is given up; null for ever.</summary>
    ulong? MostRetries { get; }

    /// <summary>Connects, if the target knows connections.</summary>
    /// <exception cref="System.IO.IOException">It cannot be reached (the words of Go's dialer).</exception>
    Task ConnectAsync(CancellationToken cancellationToken);

    /// <summary>Sends an entry.</summary>
    /// <exception cref="System.IO.IOException">The connection failed.</exception>
    Task SendAsync(TargetEntry entry, CancellationToken cancellationToken);
}
