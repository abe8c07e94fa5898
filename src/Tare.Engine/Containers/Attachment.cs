using Tare.Runtime.Shim.Client;

namespace Tare.Engine.Containers;

/// <summary>
/// A connection to a container's or exec session's streams. Reading gives raw bytes of the terminal, or frames with Docker's 8-byte header
/// without one, until the output ends; writing is input, ended by <see cref="ShimStream.CloseWrite"/>. The caller disposes it, which detaches.
/// </summary>
/// <param name="Stream">The bytes in both directions.</param>
/// <param name="IsTty">Whether they are a terminal's.</param>
public sealed record Attachment(ShimStream Stream, bool IsTty) : IDisposable
{
    /// <summary>Detaches; the process goes on.</summary>
    public void Dispose() => Stream.Dispose();
}
