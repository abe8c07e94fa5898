namespace Tare.Linux.Cgroups;

/// <summary>A limit of RDMA resources of one device.</summary>
/// <param name="Device">The device: <c>mlx5_0</c>.</param>
/// <param name="Handles">hca_handle; null leaves it.</param>
/// <param name="Objects">hca_object; null leaves it.</param>
public readonly record struct RdmaLimit(string Device, uint? Handles, uint? Objects);
