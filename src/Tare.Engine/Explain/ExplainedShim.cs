namespace Tare.Engine.Explain;

/// <summary>The monitor of a running container.</summary>
/// <param name="Pid">Its pid.</param>
/// <param name="LogPath">The file with its own messages.</param>
public sealed record ExplainedShim(int Pid, string LogPath);
