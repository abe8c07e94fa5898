using System.Buffers.Binary;
using System.Net;

namespace Tare.Network;

/// <summary>Addresses of one IPv4 subnet: the lowest free one is given out, as Docker does. Any thread.</summary>
public sealed class AddressPool
{
    private readonly Lock _lock = new();
    private readonly HashSet<uint> _taken = [];
    private readonly uint _first;
    private readonly uint _last;

    private readonly uint _firstGiven;
    private readonly uint _lastGiven;

    /// <summary>A pool; network, broadcast and gateway address are not given out.</summary>
    /// <param name="gateway">The gateway's address in the subnet.</param>
    /// <param name="prefixLength">Bits of the network, 1 to 30.</param>
    /// <param name="range">The part of the subnet that addresses are given out of (Docker's <c>fixed-cidr</c>); null, the default, for all of it.</param>
    /// <exception cref="ArgumentException">The prefix leaves no addresses, or the range is not in the subnet.</exception>
    public AddressPool(IPAddress gateway, int prefixLength, IPNetwork? range = null)
    {
        if (prefixLength is < 1 or > 30)
        {
            throw new ArgumentException($"a subnet of {prefixLength} bits has no room for containers");
        }

        uint mask = uint.MaxValue << (32 - prefixLength);
        uint address = Number(gateway);
        _first = (address & mask) + 1;
        _last = (address | ~mask) - 1;
        (_firstGiven, _lastGiven) = (_first, _last);
        if (range is { } part)
        {
            uint start = Number(part.BaseAddress);
            uint end = start | (part.PrefixLength == 0 ? uint.MaxValue : (uint)((1UL << (32 - part.PrefixLength)) - 1));
            if (part.PrefixLength < prefixLength || start < (address & mask) || end > (address | ~mask))
            {
                throw new ArgumentException($"invalid --fixed-cidr \"{part}\": it is not in the bridge's subnet {Address(address & mask)}/{prefixLength}");
            }

            Range = part.ToString();
            (_firstGiven, _lastGiven) = (Math.Max(start, _first), Math.Min(end, _last));
        }

        _taken.Add(address);
        Gateway = gateway;
        PrefixLength = prefixLength;
    }

    /// <summary>The gateway.</summary>
    public IPAddress Gateway { get; }

    /// <summary>Bits of the network.</summary>
    public int PrefixLength { get; }

    /// <summary>The subnet: <c>172.17.0.0/16</c>.</summary>
    public string Subnet => $"{Address(_first - 1)}/{PrefixLength}";

    /// <summary>Gives out the lowest free address.</summary>
    /// <exception cref="NetworkException">None is free.</exception>
    public IPAddress Allocate()
    {
        lock (_lock)
        {
            for (uint candidate = _firstGiven; candidate <= _lastGiven; candidate++)
            {
                if (_taken.Add(candidate))
                {
                    return Address(candidate);
                }
            }
        }

        throw new NetworkException($"no available IPv4 addresses on this network's address pools: {Subnet}");
    }

    /// <summary>Takes an address out of the pool. False when it is taken or not of the subnet.</summary>
    public bool TryReserve(IPAddress address)
    {
        uint number = Number(address);
        lock (_lock)
        {
            return number >= _first && number <= _last && _taken.Add(number);
        }
    }

    /// <summary>The part of the subnet that addresses are given out of; null for all of it.</summary>
    public string? Range { get; }

    /// <summary>Gives an address back.</summary>
    public void Release(IPAddress address)
    {
        lock (_lock)
        {
            if (!address.Equals(Gateway))
            {
                _taken.Remove(Number(address));
            }
        }
    }

    private static uint Number(IPAddress address) => BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes());

    private static IPAddress Address(uint number)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        return new IPAddress(bytes);
    }
}
