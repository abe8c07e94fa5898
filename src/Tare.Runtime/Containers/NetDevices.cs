using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Tare.Linux;
using Tare.Linux.Namespaces;
using Tare.Linux.Netlink;
using Tare.Oci.Runtime;
using Tare.Runtime.Plan;

namespace Tare.Runtime.Containers;

/// <summary>Moves network devices of the host into a container. They fall back to the host when the container's namespace ends, if they are physical ones.</summary>
internal static class NetDevices
{
    /// <summary>Moves all devices of a configuration, gives them their addresses back and sets them up.</summary>
    /// <param name="linux">The configuration.</param>
    /// <param name="pid">A process in the container's network namespace, where it makes one.</param>
    /// <exception cref="RuntimeException">There is no such device, or one of its new name is inside already.</exception>
    public static void Move(LinuxSpec linux, int pid)
    {
        string path = linux.Namespaces!.Find(entry => entry.Type == "network")!.Path is { Length: > 0 } joined
            ? joined
            : string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/ns/net");
        using SafeFileHandle inside = File.OpenHandle(path);
        using RouteSocket host = new();
        RouteSocket? open = null;
        NetworkNamespaceVisit.Run(inside, () => open = new RouteSocket());
        using RouteSocket container = open!;
        foreach ((string name, LinuxNetDevice device) in linux.NetDevices!)
        {
            Move(host, container, inside, name, NetDeviceNames.NameOf(name, device));
        }
    }

    private static void Move(RouteSocket host, RouteSocket container, SafeFileHandle inside, string outside, string wanted)
    {
        try
        {
            int index = host.FindIndex(outside) ?? throw new RuntimeException(ErrorKind.Invalid, $"linux.netDevices \"{outside}\": there is no such interface", Errno.ENODEV);
            IReadOnlyList<InterfaceAddress> addresses = host.ListPermanentAddresses(index);
            string name = NetDeviceNames.Resolve(wanted, container.ListNames());
            if (container.FindIndex(name) is not null)
            {
                throw new RuntimeException(ErrorKind.Invalid, $"linux.netDevices \"{outside}\": an interface \"{name}\" exists in the container", Errno.EEXIST);
            }

            host.Move(index, inside, name);
            int moved = container.FindIndex(name) ?? throw new LinuxException(Errno.ENODEV, "find interface", name);
            foreach (InterfaceAddress address in addresses)
            {
                container.AddAddress(moved, address);
            }

            container.SetUp(moved);
        }
        catch (LinuxException failure)
        {
            throw new RuntimeException(ErrorKind.Step, $"linux.netDevices \"{outside}\": {failure.Message}", failure.Errno, failure);
        }
    }
}
