using System.Globalization;
using Tare.Linux.Namespaces;
using Tare.Oci.Runtime;

namespace Tare.Runtime.Plan;

/// <summary>The names of network devices that move into a container (config-linux.md, Network Devices).</summary>
internal static class NetDeviceNames
{
    private const int LongestName = 15; // IFNAMSIZ - 1
    private const string Template = "%d";

    /// <summary>Checks the section.</summary>
    /// <exception cref="ArgumentException">A name is no name, is given twice, or the container has no network namespace of its own.</exception>
    public static void Check(Dictionary<string, LinuxNetDevice>? devices, NamespacePlan namespaces)
    {
        if (devices is not { Count: > 0 })
        {
            return;
        }

        if (!namespaces.Has(NamespaceType.Network))
        {
            throw new ArgumentException("linux.netDevices needs a network namespace of the container's own");
        }

        HashSet<string> inside = new(StringComparer.Ordinal);
        foreach ((string outside, LinuxNetDevice device) in devices)
        {
            string name = NameOf(outside, device);
            if (!IsName(outside, template: false))
            {
                throw new ArgumentException($"linux.netDevices \"{outside}\" is no name of an interface");
            }

            if (!IsName(name, template: true))
            {
                throw new ArgumentException($"linux.netDevices \"{outside}\": \"{name}\" is no name of an interface");
            }

            if (!IsTemplate(name) && !inside.Add(name))
            {
                throw new ArgumentException($"linux.netDevices: \"{name}\" is given twice");
            }
        }
    }

    /// <summary>The name inside, or the template of one.</summary>
    public static string NameOf(string outside, LinuxNetDevice device) => string.IsNullOrEmpty(device.Name) ? outside : device.Name;

    /// <summary>The name for a template: the first number that is free. A name stands for itself.</summary>
    /// <param name="name">A name, or a template with <c>%d</c>.</param>
    /// <param name="taken">The names that are there.</param>
    public static string Resolve(string name, IReadOnlyList<string> taken)
    {
        for (int number = 0; IsTemplate(name); number++)
        {
            string candidate = name.Replace(Template, number.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
            if (!taken.Contains(candidate))
            {
                return candidate;
            }
        }

        return name;
    }

    private static bool IsTemplate(string name) => name.Contains(Template, StringComparison.Ordinal);

    // dev_valid_name and __dev_alloc_name in net/core/dev.c
    private static bool IsName(string name, bool template)
    {
        int percent = name.IndexOf('%', StringComparison.Ordinal);
        bool plain = percent < 0 || (template && percent == name.LastIndexOf('%') && IsTemplate(name));
        return plain && name.Length is > 0 and <= LongestName && name is not ("." or "..") && !name.Any(c => c is '/' or ':' || char.IsWhiteSpace(c));
    }
}
