using System.Runtime.InteropServices;
using System.Text;

namespace Tare.Linux.Netlink;

// Queueing disciplines (tc(8)): a token bucket shapes what leaves an interface; what arrives at one is led to an ifb interface, which it leaves again by such a bucket.
public sealed unsafe partial class RouteSocket
{
    private const ushort NewDiscipline = 36;
    private const ushort DeleteDiscipline = 37;
    private const ushort GetDiscipline = 38;
    private const ushort NewFilter = 44;
    private const ushort TrafficKind = 1; // TCA_KIND
    private const ushort TrafficOptions = 2; // TCA_OPTIONS
    private const ushort LinkAlias = 20; // IFLA_IFALIAS
    private const uint Root = 0xFFFF_FFFF; // TC_H_ROOT
    private const uint Ingress = 0xFFFF_FFF1; // TC_H_INGRESS
    private const uint IngressHandle = 0xFFFF_0000;
    private const uint EveryProtocol = (1 << 16) | 0x0300; // priority 1; htons(ETH_P_ALL)
    private const ushort BucketParameters = 1; // TCA_TBF_PARMS
    private const ushort BucketRate64 = 4; // TCA_TBF_RATE64
    private const ushort BucketBurst = 6; // TCA_TBF_BURST

    /// <summary>Shapes what leaves an interface by a token bucket (tc-tbf(8)), or changes the one that is there.</summary>
    /// <exception cref="LinuxException">ENOENT: the kernel has no such discipline (sch_tbf).</exception>
    /// <param name="index">The interface.</param>
    /// <param name="bytesPerSecond">The rate.</param>
    /// <param name="burstBytes">What may leave at once.</param>
    /// <param name="queueBytes">What waits at most; more is dropped.</param>
    public void SetTokenBucket(int index, ulong bytesPerSecond, uint burstBytes, uint queueBytes)
    {
        const byte Ethernet = 1; // TC_LINKLAYER_ETHERNET: with it, the kernel wants no table of rates
        RateSpecification rate = new(0, Ethernet, 0, 0, 0, (uint)Math.Min(bytesPerSecond, uint.MaxValue));
        byte[] parameters = new byte[sizeof(TokenBucketOptions)];
        MemoryMarshal.Write(parameters, new TokenBucketOptions(rate, default, queueBytes, 0, 0));
        byte[] wide = BitConverter.GetBytes(bytesPerSecond);
        NetlinkMessage message = new NetlinkMessage(NewDiscipline, Create | Replace)
            .Struct(new TrafficMessage(0, index, 0, Root, 0))
            .Attribute(TrafficKind, "tbf")
            .Nest(TrafficOptions, options =>
            {
                options.Attribute(BucketParameters, parameters).Attribute(BucketBurst, burstBytes);
                if (bytesPerSecond > uint.MaxValue)
                {
                    options.Attribute(BucketRate64, wide);
                }
            });
        Check(Send(message, out string text), text, "shape traffic by a token bucket");
    }

    /// <summary>Takes the discipline of an interface's outgoing traffic away; nothing happens when there is none.</summary>
    public void RemoveDiscipline(int index) => Remove(new TrafficMessage(0, index, 0, Root, 0));

    /// <summary>Leads all that arrives at an interface to another one.</summary>
    /// <exception cref="LinuxException">ENOENT: the kernel lacks what it takes (sch_ingress, cls_u32, act_mirred); the operation names it.</exception>
    public void RedirectArriving(int index, int target)
    {
        NetlinkMessage discipline = new NetlinkMessage(NewDiscipline, Create | Replace).Struct(new TrafficMessage(0, index, IngressHandle, Ingress, 0)).Attribute(TrafficKind, "ingress");
        Check(Send(discipline, out string text), text, "take arriving traffic (sch_ingress)");
        const byte Terminal = 1; // TC_U32_TERMINAL
        const int Stolen = 4; // TC_ACT_STOLEN
        const int RedirectOut = 1; // TCA_EGRESS_REDIR
        byte[] every = new byte[sizeof(EveryPacket)];
        MemoryMarshal.Write(every, new EveryPacket(Terminal, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
        byte[] redirection = new byte[sizeof(Redirection)];
        MemoryMarshal.Write(redirection, new Redirection(0, 0, Stolen, 0, 0, RedirectOut, target));
        NetlinkMessage filter = new NetlinkMessage(NewFilter, Create | Exclusive)
            .Struct(new TrafficMessage(0, index, 0, IngressHandle, EveryProtocol))
            .Attribute(TrafficKind, "u32")
            .Nest(TrafficOptions, options => options
                .Attribute(5, every) // TCA_U32_SEL
                .Nest(7, actions => actions.Nest(1, action => action // TCA_U32_ACT, the first one
                    .Attribute(1, "mirred") // TCA_ACT_KIND
                    .Nest(2, parameters => parameters.Attribute(2, redirection))))); // TCA_ACT_OPTIONS, TCA_MIRRED_PARMS
        Check(Send(filter, out text), text, "redirect arriving traffic (cls_u32, act_mirred)");
    }

    /// <summary>Ends what <see cref="RedirectArriving"/> began.</summary>
    public void StopRedirecting(int index) => Remove(new TrafficMessage(0, index, IngressHandle, Ingress, 0));

    /// <summary>Makes an ifb interface, up, with an alias by which its maker knows it again; one that is there is fine.</summary>
    /// <exception cref="LinuxException">EOPNOTSUPP: the kernel has no such interfaces (ifb).</exception>
    public void CreateIfb(string name, string alias)
    {
        NetlinkMessage message = new NetlinkMessage(NewLink, Create | Exclusive)
            .Struct(new LinkMessage(0, 0, 0, Up, Up))
            .Attribute(LinkName, name)
            .Attribute(LinkAlias, Encoding.UTF8.GetBytes(alias))
            .Nest(LinkInfo, info => info.Attribute(InfoKind, "ifb"));
        Errno errno = Send(message, out string text);
        if (errno != Errno.EEXIST)
        {
            Check(errno, text, $"make interface \"{name}\"");
        }
    }

    /// <summary>Names of the interfaces that have an alias.</summary>
    public IReadOnlyList<string> ListAliased(string alias)
    {
        List<string> names = [];
        Exchange(new NetlinkMessage(GetLink, DumpAll).Struct(new LinkMessage(0, 0, 0, 0, 0)), (type, payload) =>
        {
            ReadOnlySpan<byte> attributes = type == NewLink ? payload[sizeof(LinkMessage)..] : [];
            if (TryFind(attributes, LinkAlias, out ReadOnlySpan<byte> words) && Encoding.UTF8.GetString(words).TrimEnd('\0') == alias && TryFind(attributes, LinkName, out ReadOnlySpan<byte> name))
            {
                names.Add(Encoding.UTF8.GetString(name).TrimEnd('\0'));
            }
        });
        return names;
    }

    /// <summary>The rate of an interface's token bucket in bytes per second; 0 when it has none.</summary>
    public ulong TokenBucketRate(int index)
    {
        ulong rate = 0;
        Exchange(new NetlinkMessage(GetDiscipline, DumpAll).Struct(new TrafficMessage(0, index, 0, 0, 0)), (type, payload) =>
        {
            if (type != NewDiscipline || MemoryMarshal.Read<TrafficMessage>(payload) is not { Parent: Root } header || header.Index != index)
            {
                return;
            }

            ReadOnlySpan<byte> attributes = payload[sizeof(TrafficMessage)..];
            if (TryFind(attributes, TrafficKind, out ReadOnlySpan<byte> kind) && kind.StartsWith("tbf"u8) && TryFind(attributes, TrafficOptions, out ReadOnlySpan<byte> options))
            {
                rate = TryFind(options, BucketRate64, out ReadOnlySpan<byte> wide) ? MemoryMarshal.Read<ulong>(wide)
                    : TryFind(options, BucketParameters, out ReadOnlySpan<byte> parameters) ? MemoryMarshal.Read<TokenBucketOptions>(parameters).Rate.Rate : 0;
            }
        });
        return rate;
    }

    private void Remove(TrafficMessage discipline)
    {
        Errno errno = Send(new NetlinkMessage(DeleteDiscipline, 0).Struct(discipline), out string text);
        if (errno is not (Errno.ENOENT or Errno.EINVAL or Errno.ENODEV))
        {
            Check(errno, text, "take a queueing discipline away");
        }
    }
}
