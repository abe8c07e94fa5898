using Tare.Linux;
using Tare.Linux.Netlink;

namespace Tare.Network.Shaping;

/// <summary>
/// Limits the traffic of a container at its interface on the host, where the container cannot undo it.
/// <code>
/// to the container:    bridge ──▶ veth of the host: token bucket ──▶ eth0
/// from the container:  eth0 ──▶ veth of the host: redirected on arrival ──▶ ifb: token bucket ──▶ bridge
/// </code>
/// What exceeds a rate waits up to a tenth of a second and is dropped after that, so that TCP finds its pace. Preconditions: the caller holds the lock of the socket.
/// </summary>
internal sealed class LinkShaper(RouteSocket route, string owner)
{
    private const string IfbPrefix = "ifb";
    private const int VethPrefixLength = 4;
    private const uint SmallestBurstBytes = 64 << 10; // the largest packet that the kernel hands over at once

    /// <summary>The alias of the ifb interfaces of one bridge.</summary>
    public string Alias { get; } = "tare " + owner;

    /// <summary>Makes limits hold on an interface, whatever held before.</summary>
    /// <exception cref="NetworkException">The kernel cannot; the message names what it lacks. What was there before may be gone.</exception>
    /// <param name="name">The container's interface on the host.</param>
    /// <param name="limits">Its limits.</param>
    public void Apply(string name, BandwidthLimits limits)
    {
        int index = route.FindIndex(name) ?? throw new NetworkException($"limit bandwidth: there is no interface \"{name}\"");
        if (limits.IngressBitsPerSecond > 0)
        {
            Guard("sch_tbf", () => Bucket(index, limits.IngressBitsPerSecond));
        }
        else
        {
            route.RemoveDiscipline(index);
        }

        string ifb = IfbOf(name);
        if (limits.EgressBitsPerSecond == 0)
        {
            route.StopRedirecting(index);
            route.DeleteLink(ifb);
            return;
        }

        bool isNew = route.FindIndex(ifb) is null;
        Guard("ifb", () => route.CreateIfb(ifb, Alias));
        int target = route.FindIndex(ifb) ?? throw new NetworkException($"limit bandwidth: interface \"{ifb}\" is gone as soon as it was made");
        Guard("sch_tbf", () => Bucket(target, limits.EgressBitsPerSecond));
        if (isNew)
        {
            Guard("sch_ingress, cls_u32 and act_mirred", () => route.RedirectArriving(index, target));
        }
    }

    /// <summary>Takes away what a container's limits leave behind when its interface has gone.</summary>
    public void Forget(string name) => route.DeleteLink(IfbOf(name));

    /// <summary>The limits that the kernel holds.</summary>
    public BandwidthLimits Read(string name)
    {
        long Rate(string link) => route.FindIndex(link) is { } index ? checked((long)route.TokenBucketRate(index) * 8) : 0;
        return new BandwidthLimits(Rate(name), Rate(IfbOf(name)));
    }

    /// <summary>The ifb interfaces whose container's interface is not among those that are kept.</summary>
    public IReadOnlyList<string> Stale(IReadOnlySet<string> keep)
    {
        HashSet<string> kept = [.. keep.Where(name => name.Length > VethPrefixLength).Select(IfbOf)];
        return [.. route.ListAliased(Alias).Where(name => !kept.Contains(name))];
    }

    private static string IfbOf(string veth) => IfbPrefix + veth[VethPrefixLength..];

    private void Bucket(int index, long bitsPerSecond)
    {
        ulong bytes = (ulong)bitsPerSecond / 8;
        uint burst = (uint)Math.Clamp(bytes / 100, SmallestBurstBytes, 16 << 20);
        route.SetTokenBucket(index, bytes, burst, (uint)Math.Min(burst + (bytes / 10), 256 << 20));
    }

    private static void Guard(string module, Action step)
    {
        try
        {
            step();
        }
        catch (LinuxException e) when (e.Errno is Errno.ENOENT or Errno.EOPNOTSUPP)
        {
            throw new NetworkException($"limit bandwidth: the kernel has no {module}: {e.Message}", e);
        }
        catch (LinuxException e)
        {
            throw new NetworkException($"limit bandwidth: {e.Message}", e);
        }
    }
}
