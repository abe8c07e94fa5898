using System.Runtime.CompilerServices;
using Tare.Linux.Interop;
using Tare.Linux.Mounts;

namespace Tare.Runtime.Plan;

/// <summary>Steps that mount by the new mount API: a mount is made detached, changed while nobody sees it, then put in its place.</summary>
internal static class MountSteps
{
    private static readonly int s_attrSize = Unsafe.SizeOf<MountApi.MountAttr>();

    /// <summary>A copy of the mount at <paramref name="path"/> of the current root.</summary>
    public static Slot CloneMount(this PlanBuilder builder, string path, bool recursive)
    {
        Slot mount = builder.NewSlot($"copy of {path}");
        builder.Call("open_tree", Syscalls.OpenTree, FileSteps.Quote(path), Libc.AT_FDCWD, builder.Memory.String(path),
            MountApi.OpenTreeClone | Libc.O_CLOEXEC | (recursive ? MountApi.AtRecursive : 0)).Into(mount);
        return mount;
    }

    /// <summary>A copy of what a descriptor stands for.</summary>
    public static Slot CloneMount(this PlanBuilder builder, Slot source, bool recursive)
    {
        Slot mount = builder.NewSlot($"copy of {source.Name}");
        builder.CloneMount(source, mount, recursive);
        return mount;
    }

    /// <summary>Puts a copy of what a descriptor stands for into a slot. Before Linux 6.15 that must be attached in the mount namespace.</summary>
    public static PlanBuilder.StepHandle CloneMount(this PlanBuilder builder, Slot source, Slot into, bool recursive)
        => builder.Call("open_tree", Syscalls.OpenTree, FileSteps.Quote(source.Name), source, builder.Memory.String(""),
            MountApi.OpenTreeClone | Libc.O_CLOEXEC | Libc.AT_EMPTY_PATH | (recursive ? MountApi.AtRecursive : 0)).Into(into);

    /// <summary>A new file system, not yet in the tree.</summary>
    public static Slot NewFileSystem(this PlanBuilder builder, string type, string? source, IEnumerable<(string Name, string? Value)> data, MountAttributes attributes, string at)
    {
        Slot context = builder.NewSlot($"new {type}");
        string subject = $"{FileSteps.Quote(type)} at {FileSteps.Quote(at)}";
        builder.Call("fsopen", Syscalls.Fsopen, subject, builder.Memory.String(type), MountApi.FsCloseOnExec).Into(context);
        if (source is not null)
        {
            builder.Configure(context, subject, "source", source);
        }

        bool readOnly = (attributes & MountAttributes.ReadOnly) != 0;
        foreach ((string name, string? value) in data)
        {
            builder.Configure(context, subject, name, value);
        }

        builder.Call("fsconfig", Syscalls.Fsconfig, subject, context, MountApi.Create, 0, 0, 0).Detail("create");
        Slot mount = builder.NewSlot($"{type} for {at}");
        builder.Call("fsmount", Syscalls.Fsmount, subject, context, MountApi.FsCloseOnExec, (long)attributes).Into(mount).Detail(readOnly ? "read-only" : "");
        return mount;
    }

    /// <summary>Changes attributes and propagation of a mount.</summary>
    public static PlanBuilder.StepHandle SetAttributes(
        this PlanBuilder builder, Slot mount, string subject, MountAttributes set, MountAttributes clear, ulong propagation, bool recursive)
    {
        nint attr = builder.Memory.Copy(new MountApi.MountAttr((ulong)set, (ulong)clear, propagation, 0));
        return builder.Call("mount_setattr", Syscalls.MountSetattr, FileSteps.Quote(subject), mount, builder.Memory.String(""),
            Libc.AT_EMPTY_PATH | (recursive ? MountApi.AtRecursive : 0), attr, s_attrSize)
            .Detail($"{set}{(clear == 0 ? "" : $", not {clear}")}{(recursive ? ", recursive" : "")}");
    }

    /// <summary>Maps the ids of a detached mount's files by a user namespace.</summary>
    public static PlanBuilder.StepHandle MapIds(this PlanBuilder builder, Slot mount, string subject, int userNamespace, bool recursive)
    {
        nint attr = builder.Memory.Copy(new MountApi.MountAttr((ulong)MountAttributes.IdMapped, 0, 0, (ulong)userNamespace));
        return builder.Call("mount_setattr", Syscalls.MountSetattr, FileSteps.Quote(subject), mount, builder.Memory.String(""),
            Libc.AT_EMPTY_PATH | (recursive ? MountApi.AtRecursive : 0), attr, s_attrSize)
            .Detail($"{MountAttributes.IdMapped}{(recursive ? ", recursive" : "")}");
    }

    /// <summary>Puts a detached mount on the place that <paramref name="target"/> stands for.</summary>
    public static PlanBuilder.StepHandle Attach(this PlanBuilder builder, Slot mount, Slot target)
        => builder.Call("move_mount", Syscalls.MoveMount, $"{mount.Name} to {FileSteps.Quote(target.Name)}", mount, builder.Memory.String(""), target,
            builder.Memory.String(""), MountApi.MoveMountFromEmptyPath | MountApi.MoveMountToEmptyPath);

    private static void Configure(this PlanBuilder builder, Slot context, string subject, string name, string? value)
        => builder.Call("fsconfig", Syscalls.Fsconfig, $"{subject}: {name}{(value is null ? "" : "=" + value)}", context,
            value is null ? MountApi.SetFlag : MountApi.SetString, builder.Memory.String(name), value is null ? 0 : builder.Memory.String(value), 0);
}
