namespace Tare.Runtime.Shim.Client;

/// <summary>A started exec session.</summary>
/// <param name="Pid">Pid of its process in the daemon's pid namespace.</param>
/// <param name="Stream">Its streams; null for a detached session. The caller disposes it; disposing does not end the process.</param>
public sealed record ShimExecResult(int Pid, ShimStream? Stream);
