namespace Tare.Engine.Explain;

/// <summary>One layer of a container's root file system.</summary>
/// <param name="ChainId">Identity of the layer and all below it; empty for the writable one.</param>
/// <param name="Path">Its folder on the host.</param>
/// <param name="SizeBytes">Bytes of the files in it.</param>
/// <param name="Role"><c>image</c> or <c>writable</c>.</param>
public sealed record ExplainedLayer(string ChainId, string Path, long SizeBytes, string Role);
