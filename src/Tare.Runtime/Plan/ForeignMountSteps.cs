using System.Globalization;
using Tare.Linux.Interop;
using Tare.Linux.Namespaces;

namespace Tare.Runtime.Plan;

/// <summary>
/// Bind mounts of what another process has mounted: a source <c>/proc/PID/root/PATH</c>. The kernel copies only mounts of the caller's own mount namespace (open_tree(2)), so the child
/// enters the other one for the copy, and comes back.
/// </summary>
internal static class ForeignMountSteps
{
    private const string Prefix = "/proc/";
    private const string Root = "/root/";

    /// <summary>Whether a source is of another process, and which.</summary>
    public static bool TryParse(string source, out int pid, out string path)
    {
        (pid, path) = (0, "");
        int end = source.StartsWith(Prefix, StringComparison.Ordinal) ? source.IndexOf('/', Prefix.Length) : -1;
        if (end < 0 || !source.AsSpan(end).StartsWith(Root) || !int.TryParse(source.AsSpan(Prefix.Length, end - Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out pid))
        {
            return false;
        }

        path = source[(end + Root.Length - 1)..];
        return true;
    }

    /// <summary>Adds the steps.</summary>
    /// <param name="parent">The parent's steps, which open the other namespace.</param>
    /// <param name="child">The child's, which must own a mount namespace by then.</param>
    /// <param name="pid">The other process.</param>
    /// <param name="path">The path there.</param>
    /// <param name="recursive">Whether the mounts below are copied too.</param>
    public static Slot Clone(PlanBuilder parent, PlanBuilder child, int pid, string path, bool recursive)
    {
        const string OwnPath = "/proc/self/ns/mnt";
        string otherPath = NamespaceFiles.PathOf(pid, NamespaceType.Mount);
        Slot other = parent.NewSlot(otherPath);
        parent.Call("openat", Syscalls.OpenAt, FileSteps.Quote(otherPath), Libc.AT_FDCWD, parent.Memory.String(otherPath), Libc.O_RDONLY | Libc.O_CLOEXEC, 0).Into(other);
        Slot own = child.NewSlot(OwnPath);
        child.Call("openat", Syscalls.OpenAt, FileSteps.Quote(OwnPath), Libc.AT_FDCWD, child.Memory.String(OwnPath), Libc.O_RDONLY | Libc.O_CLOEXEC, 0).Into(own);
        child.Call("setns", Syscalls.Setns, FileSteps.Quote(otherPath), other, (long)NamespaceType.Mount).Detail("for a copy");
        Slot copy = child.CloneMount(path, recursive);
        child.Call("setns", Syscalls.Setns, FileSteps.Quote(OwnPath), own, (long)NamespaceType.Mount).Detail("and back");
        child.Call("close", Syscalls.Close, FileSteps.Quote(OwnPath), own);
        return copy;
    }
}
