namespace Tare.Engine.Explain;

/// <summary>Where a container stands in its life.</summary>
/// <param name="Status">Docker's word for it.</param>
/// <param name="Pid">Pid of its init on the host; 0 while it does not run.</param>
/// <param name="StartedAt">When its last run began; null before the first.</param>
public sealed record ExplainedState(string Status, int Pid, DateTimeOffset? StartedAt);
