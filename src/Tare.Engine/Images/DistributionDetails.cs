using Tare.Oci.Images;

namespace Tare.Engine.Images;

/// <summary>What a reference stands for in its registry.</summary>
/// <param name="Descriptor">The manifest or index.</param>
/// <param name="Platforms">What there is for it.</param>
public sealed record DistributionDetails(Descriptor Descriptor, IReadOnlyList<Platform> Platforms);
