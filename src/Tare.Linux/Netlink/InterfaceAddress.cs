namespace Tare.Linux.Netlink;

/// <summary>An address of an interface as the kernel describes it (rtnetlink(7), RTM_NEWADDR).</summary>
/// <param name="Family">AF_INET or AF_INET6.</param>
/// <param name="PrefixLength">Bits of its network.</param>
/// <param name="Address">IFA_ADDRESS: the address, or the other end's of a point-to-point interface.</param>
/// <param name="Local">IFA_LOCAL: this end's address; null where there is none.</param>
/// <param name="Broadcast">IFA_BROADCAST; null where there is none.</param>
public sealed record InterfaceAddress(byte Family, byte PrefixLength, byte[] Address, byte[]? Local, byte[]? Broadcast);
