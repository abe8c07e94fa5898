using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Numerics;

namespace Tare.Network;

/// <summary>Chooses the default bridge's subnet: the first of Docker's default pools that no interface and no route of the machine overlaps.</summary>
public static class SubnetChoice
{
    private const string RoutesFile = "/proc/net/route";
    private const int MaskWord = 7;

    /// <summary>The gateway's address and prefix: <c>172.17.0.1/16</c>.</summary>
    /// <param name="bridge">The bridge itself, whose own address does not count.</param>
    /// <exception cref="NetworkException">Every pool is in use.</exception>
    public static string Choose(string bridge) =>
        Choose([.. InUse(bridge), .. File.Exists(RoutesFile) ? Routes(File.ReadAllLines(RoutesFile), bridge) : []]);

    /// <summary>The gateway's address and prefix of the first pool that overlaps none of these networks.</summary>
    /// <exception cref="NetworkException">Every pool is in use.</exception>
    internal static string Choose(List<IPNetwork> used)
    {
        foreach (IPNetwork pool in Pools())
        {
            if (!used.Exists(network => network.Contains(pool.BaseAddress) || pool.Contains(network.BaseAddress)))
            {
                byte[] gateway = pool.BaseAddress.GetAddressBytes();
                gateway[3] = 1;
                return $"{new IPAddress(gateway)}/{pool.PrefixLength}";
            }
        }

        throw new NetworkException("all predefined address pools have been fully subnetted; hint: choose one with --bip");
    }

    /// <summary>Reads the destinations of the kernel's route listing (/proc/net/route: interface, destination and, as its eighth word, mask; numbers as the machine's own 32-bit
    /// words). Default routes lead everywhere and do not count.</summary>
    internal static IEnumerable<IPNetwork> Routes(IEnumerable<string> lines, string bridge)
    {
        foreach (string line in lines.Skip(1))
        {
            string[] words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length > MaskWord && words[0] != bridge
                && uint.TryParse(words[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint destination)
                && uint.TryParse(words[MaskWord], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint mask)
                && mask != 0)
            {
                yield return new IPNetwork(new IPAddress(destination), BitOperations.PopCount(mask));
            }
        }
    }

    private static List<IPNetwork> InUse(string bridge)
    {
        List<IPNetwork> used = [];
        foreach (NetworkInterface link in NetworkInterface.GetAllNetworkInterfaces())
        {
            if (link.Name == bridge)
            {
                continue;
            }

            foreach (UnicastIPAddressInformation address in link.GetIPProperties().UnicastAddresses)
            {
                if (address.Address.AddressFamily == AddressFamily.InterNetwork && address.PrefixLength is > 0 and <= 32)
                {
                    used.Add(Masked(address.Address, address.PrefixLength));
                }
            }
        }

        return used;
    }

    private static IEnumerable<IPNetwork> Pools()
    {
        for (int second = 17; second <= 31; second++)
        {
            yield return new IPNetwork(new IPAddress([172, (byte)second, 0, 0]), 16);
        }

        for (int third = 0; third < 256; third += 16)
        {
            yield return new IPNetwork(new IPAddress([192, 168, (byte)third, 0]), 20);
        }
    }

    private static IPNetwork Masked(IPAddress address, int prefixLength)
    {
        byte[] bytes = address.GetAddressBytes();
        for (int bit = prefixLength; bit < 32; bit++)
        {
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        }

        return new IPNetwork(new IPAddress(bytes), prefixLength);
    }
}
