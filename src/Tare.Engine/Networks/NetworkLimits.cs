using Tare.Engine.Containers;
using Tare.Engine.Errors;
using Tare.Engine.Validation;
using Tare.Network.Shaping;

namespace Tare.Engine.Networks;

/// <summary>Limits of a container's bandwidth, which Docker has no field for: two of the host configuration, and labels for clients that cannot set those.</summary>
internal static class NetworkLimits
{
    /// <summary>Label for what a container may receive.</summary>
    public const string IngressLabel = "tare.network.ingress";

    /// <summary>Label for what a container may send.</summary>
    public const string EgressLabel = "tare.network.egress";

    /// <summary>Takes the labels over into the host configuration, and checks.</summary>
    /// <exception cref="EngineException">InvalidArgument: a rate is wrong, or the container has no network of its own.</exception>
    public static void Take(ContainerConfig config, HostConfig host)
    {
        host.NetworkIngress = Chosen(host.NetworkIngress, config, IngressLabel);
        host.NetworkEgress = Chosen(host.NetworkEgress, config, EgressLabel);
        BandwidthLimits limits = Of(host);
        if (limits != BandwidthLimits.None && (config.NetworkDisabled || host.NetworkMode is "host" or "none" || Modes.IsContainer(host.NetworkMode, out _)))
        {
            EngineErrors.ThrowInvalid($"conflicting options: bandwidth limits and the network mode {host.NetworkMode}");
        }
    }

    /// <summary>The limits of a host configuration.</summary>
    /// <exception cref="EngineException">InvalidArgument: a rate is wrong.</exception>
    public static BandwidthLimits Of(HostConfig host)
    {
        try
        {
            return new BandwidthLimits(Bandwidth.Parse(host.NetworkIngress ?? ""), Bandwidth.Parse(host.NetworkEgress ?? ""));
        }
        catch (FormatException e)
        {
            throw new EngineException(ErrorClass.InvalidArgument, e.Message, e);
        }
    }

    /// <summary>A limit after a change: what was not asked for stays, no limit is null.</summary>
    public static string? Changed(string? asked, string? present) => string.IsNullOrEmpty(asked) ? present : Bandwidth.Parse(asked) == 0 ? null : asked;

    private static string? Chosen(string? asked, ContainerConfig config, string label)
        => !string.IsNullOrEmpty(asked) ? asked : config.Labels?.GetValueOrDefault(label) is { Length: > 0 } labelled ? labelled : null;
}
