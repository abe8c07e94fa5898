namespace Tare.Registry;

/// <summary>A step of a pull, in the words of Docker's progress messages.</summary>
/// <param name="Id">What it is about: a layer's short digest, the tag; null for the pull as a whole.</param>
/// <param name="Status"><c>Pulling fs layer</c>, <c>Downloading</c>, <c>Verifying Checksum</c>, <c>Download complete</c>, <c>Extracting</c>, <c>Pull complete</c>, <c>Already exists</c>…</param>
/// <param name="Current">Bytes so far; 0 where it does not apply.</param>
/// <param name="Total">Bytes in all; 0 where it does not apply.</param>
public sealed record PullProgress(string? Id, string Status, long Current = 0, long Total = 0);
