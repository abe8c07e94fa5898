namespace Tare.Engine.Networks;

/// <summary>The files that a container's network brings into it; null mounts none.</summary>
/// <param name="Hosts">For /etc/hosts.</param>
/// <param name="Hostname">For /etc/hostname.</param>
/// <param name="ResolvConf">For /etc/resolv.conf.</param>
internal sealed record NetworkFiles(string? Hosts, string? Hostname, string? ResolvConf);
