using Tare.Linux.Namespaces;
using Tare.Oci.Runtime;

namespace Tare.Runtime.Plan;

/// <summary>Which namespaces a container makes and which it joins.</summary>
internal sealed class NamespacePlan
{
    private NamespaceType _made;

    private NamespacePlan()
    {
    }

    /// <summary>Namespaces to join, by path.</summary>
    public List<(NamespaceType Type, string Path)> Joined { get; } = [];

    /// <summary>
    /// The flags of clone3(2): all that are made, but the cgroup namespace, which is made once the cgroups are joined, and the time namespace,
    /// whose offsets come first.
    /// </summary>
    public NamespaceType CloneFlags => JoinsUserNamespace ? 0 : _made & ~(NamespaceType.Cgroup | NamespaceType.Time);

    /// <summary>What the child makes by itself once it has joined the user namespace that is to own them.</summary>
    public NamespaceType LateFlags => JoinsUserNamespace ? _made & ~(NamespaceType.Cgroup | NamespaceType.Time) : 0;

    private bool JoinsUserNamespace => Joined.Exists(static entry => entry.Type == NamespaceType.User);

    /// <summary>Whether a time namespace is made.</summary>
    public bool MakesTimeNamespace => (_made & NamespaceType.Time) != 0;

    /// <summary>Whether a user namespace is made, so that its id maps must be written.</summary>
    public bool MakesUserNamespace => (_made & NamespaceType.User) != 0;

    /// <summary>Whether the container has a user namespace of its own, new or joined.</summary>
    public bool HasUserNamespace => Has(NamespaceType.User);

    /// <summary>Whether a network namespace is made.</summary>
    public bool MakesNetworkNamespace => (_made & NamespaceType.Network) != 0;

    /// <summary>Whether a cgroup namespace is made.</summary>
    public bool MakesCgroupNamespace => (_made & NamespaceType.Cgroup) != 0;

    /// <summary>Reads the namespaces section.</summary>
    /// <exception cref="ArgumentException">A kind is unknown, named twice, or in a combination that cannot be.</exception>
    public static NamespacePlan Of(LinuxSpec linux)
    {
        NamespacePlan plan = new();
        foreach (LinuxNamespace entry in linux.Namespaces ?? [])
        {
            NamespaceType type = NamespaceFiles.FromSpecification(entry.Type) ?? throw new ArgumentException($"namespace type \"{entry.Type}\" is unknown");
            if (plan.Has(type))
            {
                throw new ArgumentException($"namespace type \"{entry.Type}\" is given twice");
            }

            if (string.IsNullOrEmpty(entry.Path))
            {
                plan._made |= type;
            }
            else if (entry.Path[0] == '/')
            {
                plan.Joined.Add((type, entry.Path));
            }
            else
            {
                throw new ArgumentException($"namespace path \"{entry.Path}\" is not absolute");
            }
        }

        if ((plan.MakesUserNamespace && (linux.UidMappings is not { Count: > 0 } || linux.GidMappings is not { Count: > 0 })))
        {
            throw new ArgumentException("a new user namespace needs linux.uidMappings and linux.gidMappings");
        }

        if (linux.TimeOffsets is { Count: > 0 } && !plan.MakesTimeNamespace)
        {
            throw new ArgumentException("linux.timeOffsets needs a new time namespace");
        }

        return plan;
    }

    /// <summary>Whether the container has a namespace of this kind of its own, made or joined.</summary>
    public bool Has(NamespaceType type) => (_made & type) != 0 || Joined.Exists(entry => entry.Type == type);
}
