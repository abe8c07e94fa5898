using Tare.Runtime.Containers;

namespace Tare.Runtime.Cgroups;

/// <summary>A container's scope as <c>slice:prefix:name</c> names it (the form that runc gave linux.cgroupsPath for systemd).</summary>
/// <param name="Slice">The slice that holds it: <c>system.slice</c>.</param>
/// <param name="Name">The unit: <c>prefix-name.scope</c>.</param>
public sealed record SystemdUnit(string Slice, string Name)
{
    private const string SliceSuffix = ".slice";

    /// <summary>The cgroup of the manager of this user's units; empty for the system's, whose is the root.</summary>
    public string Manager { get; init; } = "";

    /// <summary>The cgroup's path below the mount points: a slice lies in the slices that its name begins with.</summary>
    public string CgroupPath
    {
        get
        {
            string path = "";
            string stem = Slice[..^SliceSuffix.Length];
            if (stem != "-")
            {
                for (int dash = stem.IndexOf('-', StringComparison.Ordinal); dash >= 0; dash = stem.IndexOf('-', dash + 1))
                {
                    path += $"/{stem[..dash]}{SliceSuffix}";
                }

                path += "/" + Slice;
            }

            return $"{Manager}{path}/{Name}";
        }
    }

    /// <summary>Reads a path.</summary>
    /// <param name="cgroupsPath">linux.cgroupsPath; null or empty takes a scope named after the container in the usual slice.</param>
    /// <param name="id">The container's id.</param>
    /// <param name="usual">The slice where none is named.</param>
    /// <exception cref="RuntimeException">It is of another form.</exception>
    public static SystemdUnit Parse(string? cgroupsPath, string id, string usual = "system.slice")
    {
        if (string.IsNullOrEmpty(cgroupsPath))
        {
            return new SystemdUnit(usual, $"tare-{id}.scope");
        }

        string[] parts = cgroupsPath.Split(':');
        if (parts.Length != 3 || parts[2].Length == 0)
        {
            throw new RuntimeException(ErrorKind.Invalid, $"expected cgroupsPath to be of format \"slice:prefix:name\" for systemd cgroups, got \"{cgroupsPath}\" instead");
        }

        string slice = parts[0].Length == 0 ? usual : parts[0];
        string stem = slice.EndsWith(SliceSuffix, StringComparison.Ordinal) ? slice[..^SliceSuffix.Length] : "";
        if (stem.Length == 0 || stem.Contains('/') || (stem != "-" && (stem.StartsWith('-') || stem.EndsWith('-') || stem.Contains("--", StringComparison.Ordinal))))
        {
            throw new RuntimeException(ErrorKind.Invalid, $"linux.cgroupsPath \"{cgroupsPath}\": \"{slice}\" is no name of a slice");
        }

        if (parts[1].Contains('/') || parts[2].Contains('/') || parts[2].EndsWith(SliceSuffix, StringComparison.Ordinal))
        {
            throw new RuntimeException(ErrorKind.Invalid, $"linux.cgroupsPath \"{cgroupsPath}\" does not name a scope");
        }

        return new SystemdUnit(slice, (parts[1].Length == 0 ? parts[2] : $"{parts[1]}-{parts[2]}") + ".scope");
    }
}
