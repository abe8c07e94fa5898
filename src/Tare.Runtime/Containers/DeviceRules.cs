using Tare.Linux.Cgroups;

namespace Tare.Runtime.Containers;

/// <summary>The devices that every container may use (config-linux.md, Default devices), after whatever the configuration denies.</summary>
internal static class DeviceRules
{
    private static readonly CgroupDeviceRule[] s_defaults =
    [
        new(true, 'c', null, null, "m"), new(true, 'b', null, null, "m"),
        Use(1, 3), Use(1, 5), Use(1, 7), Use(1, 8), Use(1, 9), Use(5, 0), Use(5, 2), new(true, 'c', 136, null, "rwm"),
        Use(10, 200), // /dev/net/tun, which runc and crun allow too: VPN programs make the node themselves
    ];

    /// <summary>The rules with the default ones.</summary>
    public static IReadOnlyList<CgroupDeviceRule>? WithDefaults(IReadOnlyList<CgroupDeviceRule>? rules)
        => rules is null ? null : [.. rules, .. s_defaults];

    private static CgroupDeviceRule Use(long major, long minor) => new(true, 'c', major, minor, "rwm");
}
