using Tare.Linux.Interop;

namespace Tare.Linux.Cgroups;

// Giving a group to a user (cgroup-v2.rst, Model of Delegation).
public sealed partial class Cgroup
{
    private const string DelegateList = "/sys/kernel/cgroup/delegate";
    private static readonly string[] s_delegated = ["cgroup.procs", "cgroup.threads", "cgroup.subtree_control"];

    /// <summary>
    /// Lets a user divide the group further: the directory in the unified hierarchy, and of its files those that the kernel names for it, become
    /// the user's; the limits stay. Version 1 knows no safe way, so nothing changes there.
    /// </summary>
    /// <param name="uid">The user.</param>
    /// <exception cref="CgroupException">The kernel refuses.</exception>
    public void Delegate(uint uid)
    {
        if (Unified is not { } unified)
        {
            return;
        }

        string[] files = CgroupFile.TryRead(DelegateList)?.Split('\n', StringSplitOptions.RemoveEmptyEntries) ?? s_delegated;
        foreach (string path in files.Select(name => unified[name]).Prepend(unified.Path))
        {
            if (Libc.lchown(path, uid, uint.MaxValue) == 0)
            {
                continue;
            }

            LinuxException failure = LinuxException.Last("chown", path);
            if (failure.Errno != Errno.ENOENT)
            {
                throw new CgroupException($"delegate cgroup \"{unified.Path}\": {Describe(failure.Errno)}", failure);
            }
        }
    }
}
