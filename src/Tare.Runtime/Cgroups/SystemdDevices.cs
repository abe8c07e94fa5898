using System.Globalization;
using Tare.Linux.Cgroups;

namespace Tare.Runtime.Cgroups;

/// <summary>
/// Device rules as properties of a unit (systemd.resource-control(5), DeviceAllow=). The runtime's own program or files say the same; the unit has them
/// so that systemd does not take access away when it is reloaded. systemd knows only lists of what is allowed.
/// </summary>
internal static class SystemdDevices
{
    /// <summary>The properties; a list that denies single devices cannot be told, and leaves it to the runtime's own rules.</summary>
    /// <param name="rules">The rules in their order; null leaves devices alone.</param>
    /// <param name="devices">The text of /proc/devices, which names the majors.</param>
    public static List<SystemdProperty> Of(IReadOnlyList<CgroupDeviceRule>? rules, string devices)
    {
        if (rules is null)
        {
            return [];
        }

        Dictionary<(char Type, long? Major, long? Minor), string> allowed = [];
        bool everything = true;
        foreach (CgroupDeviceRule rule in rules)
        {
            if (rule.IsEverything)
            {
                allowed.Clear();
                everything = rule.Allow;
                continue;
            }

            foreach (char type in rule.Type == 'a' ? "bc" : $"{rule.Type}")
            {
                Change(allowed, (type, rule.Major, rule.Minor), rule, everything);
            }
        }

        // An empty list first: it takes what an earlier call set.
        return everything
            ? [SystemdProperty.Of("DevicePolicy", "auto"), Allow([])]
            : [SystemdProperty.Of("DevicePolicy", "strict"), Allow([]), Allow([.. Entries(allowed, devices)])];
    }

    private static void Change(Dictionary<(char Type, long? Major, long? Minor), string> allowed, (char Type, long? Major, long? Minor) key, CgroupDeviceRule rule, bool everything)
    {
        if (everything)
        {
            return; // exceptions to all are not told
        }

        string access = allowed.GetValueOrDefault(key, "");
        access = rule.Allow ? string.Concat(access.Union(rule.Access)) : string.Concat(access.Except(rule.Access));
        allowed.Remove(key);
        if (access.Length > 0)
        {
            allowed[key] = access;
        }
    }

    private static IEnumerable<(string Path, string Access)> Entries(Dictionary<(char Type, long? Major, long? Minor), string> allowed, string devices)
    {
        foreach (((char type, long? major, long? minor), string access) in allowed)
        {
            string kind = type == 'b' ? "block" : "char";
            if (major is null)
            {
                yield return ($"{kind}-*", access); // a single minor of every major has no name; the runtime's own rules are narrower
            }
            else if (minor is not null)
            {
                yield return (string.Create(CultureInfo.InvariantCulture, $"/dev/{kind}/{major}:{minor}"), access);
            }
            else
            {
                foreach (string name in Names(devices, type, major.Value))
                {
                    yield return ($"{kind}-{name}", access);
                }
            }
        }
    }

    // Two lists, each under its heading; a line is a major and the name of what has it (proc_devices(5)).
    private static IEnumerable<string> Names(string devices, char type, long major)
    {
        bool block = false;
        foreach (string line in devices.Split('\n'))
        {
            block = line.StartsWith("Block", StringComparison.Ordinal) || (block && !line.StartsWith("Character", StringComparison.Ordinal));
            string[] fields = line.Split(' ', 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (block == (type == 'b') && fields.Length == 2 && long.TryParse(fields[0], CultureInfo.InvariantCulture, out long number) && number == major)
            {
                yield return fields[1];
            }
        }
    }

    private static SystemdProperty Allow((string Path, string Access)[] entries) => new("DeviceAllow", "a(ss)", writer => writer.Array(8, elements =>
    {
        foreach ((string path, string access) in entries)
        {
            elements.Align(8).String(path).String(access);
        }
    }));
}
