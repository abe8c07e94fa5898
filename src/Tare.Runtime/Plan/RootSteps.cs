using Microsoft.Win32.SafeHandles;
using Tare.Linux;
using Tare.Linux.Interop;
using Tare.Linux.Mounts;
using Tare.Linux.Namespaces;
using Tare.Oci.Runtime;

namespace Tare.Runtime.Plan;

/// <summary>The steps from the root file system's mount to the sealed tree that the process sees.</summary>
internal sealed class RootSteps(PlanBuilder parent, PlanBuilder child, CreateInputs inputs, LinuxSpec linux, NamespacePlan namespaces)
{
    private readonly Root _root = inputs.Spec.Root ?? throw new ArgumentException("root is missing");
    private bool _sealsDevices;

    private string RootPath => Path.GetFullPath(_root.Path, inputs.BundlePath);

    /// <summary>Makes the root a mount of the container's own and opens it.</summary>
    public Slot MountRoot()
    {
        if (!namespaces.Has(NamespaceType.Mount))
        {
            throw new ArgumentException("a container needs a mount namespace of its own");
        }

        ulong propagation = PropagationOf(linux.RootfsPropagation) ?? (MountApi.Slave | MountApi.Recursive);
        // Whatever is asked for, mounts of the set-up must not travel outside: shared is set at the end, on the container's root.
        bool shared = (propagation & MountApi.Shared) != 0;
        child.Call("mount", Syscalls.Mount, "\"/\"", 0, child.Memory.String("/"), 0, (long)(shared ? MountApi.Slave | MountApi.Recursive : propagation), 0).Detail("propagation");
        ReopenLowers();
        if (inputs.Overlay?.UpperMount is { } upperMount)
        {
            PutOnRootPath(upperMount, "the limited layer");
        }

        if (inputs.Overlay?.Mount is { } ready)
        {
            PutOnRootPath(ready, "the overlay");
        }
        else if (inputs.Overlay is { } overlay && !inputs.AppendsLowerDirs)
        {
            child.Call("mount", Syscalls.Mount, $"overlay at {FileSteps.Quote(RootPath)}", child.Memory.String("overlay"), child.Memory.String(RootPath),
                child.Memory.String("overlay"), 0, child.Memory.String(TextOf(OptionsOf(overlay), RootPath)));
        }
        else
        {
            Slot mount = inputs.Overlay is null
                ? child.CloneMount(RootPath, recursive: true)
                : child.NewFileSystem("overlay", "overlay", OptionsOf(inputs.Overlay), MountAttributes.None, RootPath);
            Slot place = child.NewSlot(RootPath);
            OpenRootPath(place);
            child.Attach(mount, place);
        }

        Slot root = child.NewSlot("root");
        OpenRootPath(root);
        if (!shared)
        {
            child.SetAttributes(root, "root", MountAttributes.None, MountAttributes.None, MountApi.Private, recursive: true);
        }

        return root;
    }

    /// <summary>Makes all mounts in their order.</summary>
    /// <param name="root">The root.</param>
    /// <param name="beforeCgroups">Adds what a mount of the cgroups needs.</param>
    public void MountAll(Slot root, Action beforeCgroups)
    {
        foreach (Mount mount in inputs.Spec.Mounts ?? [])
        {
            if (mount.Destination.Length == 0)
            {
                throw new ArgumentException("a mount has no destination");
            }

            MountOptions options = MountOptions.Parse(mount.Options);
            CheckIdMap(mount, options);
            MountPlaces.Check(mount);
            if ((options.Bind || mount.Type == "bind") && !options.Remount)
            {
                if (options.Data.Count > 0)
                {
                    throw new ArgumentException($"mount \"{mount.Destination}\": a bind mount cannot have the file system's option \"{options.Data[0].Name}\"");
                }

                Bind(root, mount, options);
            }
            else if (mount.Type is "cgroup" or "cgroup2")
            {
                beforeCgroups();
                new CgroupMountSteps(child, inputs.Cgroups, namespaces.Has(NamespaceType.Cgroup)).Mount(root, mount, options);
            }
            else
            {
                FileSystem(root, mount, options);
            }
        }
    }

    /// <summary>Makes the root the root, and lets go of the old one.</summary>
    public void Pivot(Slot root)
    {
        nint here = child.Memory.String(".");
        child.Call("fchdir", Syscalls.Fchdir, "root", root);
        if (inputs.NoPivot)
        {
            child.Call("mount", Syscalls.Mount, "root at \"/\"", here, child.Memory.String("/"), 0, 0x2000, 0).Detail("move"); // MS_MOVE
            child.Call("chroot", Syscalls.Chroot, "root", here);
        }
        else
        {
            // Old and new root are stacked on one place, so no directory is needed for the old one (pivot_root(2), notes).
            child.Call("pivot_root", Syscalls.PivotRoot, "root", here, here);
            child.Call("umount2", Syscalls.Umount2, "the old root", here, MountApi.Detach);
        }

        child.Call("chdir", Syscalls.Chdir, "\"/\"", child.Memory.String("/"));
    }

    /// <summary>Masked and read-only paths, the root's own attributes.</summary>
    public void Seal(Slot root)
    {
        if (_sealsDevices)
        {
            Slot devices = child.NewSlot("/dev");
            child.OpenInRoot(root, "/dev", Libc.O_PATH, devices);
            child.SetAttributes(devices, "/dev", MountAttributes.ReadOnly, MountAttributes.None, 0, recursive: false);
        }

        foreach (string path in linux.ReadonlyPaths ?? [])
        {
            Slot target = child.NewSlot(path);
            child.OpenInRoot(root, path, Libc.O_PATH, target).Tolerant();
            child.When(target, StepCondition.Succeeded, () =>
            {
                Slot copy = child.CloneMount(target, recursive: true);
                child.SetAttributes(copy, path, MountAttributes.ReadOnly, MountAttributes.None, 0, recursive: true);
                child.Attach(copy, target);
            });
        }

        Mask(root);
        if (_root.Readonly)
        {
            child.SetAttributes(root, "root", MountAttributes.ReadOnly, MountAttributes.None, 0, recursive: false);
        }

        if (PropagationOf(linux.RootfsPropagation) is { } propagation && (propagation & (MountApi.Shared | MountApi.Unbindable)) != 0)
        {
            child.SetAttributes(root, "root", MountAttributes.None, MountAttributes.None, propagation & ~MountApi.Recursive, (propagation & MountApi.Recursive) != 0);
        }
    }

    private void Mask(Slot root)
    {
        if (linux.MaskedPaths is not { Count: > 0 } paths)
        {
            return;
        }

        // One empty read-only tmpfs serves all directories: the first gets the mount itself, since Linux before 6.15 copies no mount that is
        // attached nowhere, the others copies of it.
        Slot empty = child.NewFileSystem("tmpfs", "tmpfs", [("nr_inodes", "1"), ("mode", "555")], MountAttributes.ReadOnly | MountAttributes.NoDev | MountAttributes.NoExec | MountAttributes.NoSuid, "masked directories");
        Slot unplaced = child.NewSlot("the unplaced mount");
        child.Add(StepKind.SetSlot, "remember", "that the tmpfs is nowhere yet", 0).Into(unplaced);
        Slot nothing = child.NewSlot("/dev/null");
        child.OpenInRoot(root, "/dev/null", Libc.O_PATH, nothing);
        // What covers a masked file is the device and nothing else that an image could put in its place (CVE-2025-31133).
        child.ExpectDevice(nothing, child.Memory.String(""), "/dev/null", 0x2000, (1, 3)); // S_IFCHR
        foreach (string path in paths)
        {
            Slot directory = child.NewSlot(path);
            child.OpenInRoot(root, path, Libc.O_PATH | Libc.O_DIRECTORY, directory).Tolerant();
            child.When(directory, StepCondition.Succeeded, () =>
            {
                Slot copy = child.NewSlot($"copy of {empty.Name}");
                child.CloneMount(empty, copy, recursive: false).When(unplaced, StepCondition.Failed);
                child.Attach(copy, directory).When(unplaced, StepCondition.Failed);
                child.Attach(empty, directory).When(unplaced, StepCondition.Succeeded);
                child.Add(StepKind.SetSlot, "remember", "that the tmpfs has its place", -(int)Errno.EBUSY).Into(unplaced);
            });
            Slot file = child.NewSlot(path);
            child.OpenInRoot(root, path, Libc.O_PATH, file).When(directory, StepCondition.NotADirectory);
            child.When(directory, StepCondition.NotADirectory, () => child.Attach(child.CloneMount(nothing, recursive: false), file));
        }
    }

    // Overlayfs takes layers of the caller's mount namespace alone: the numbers that the parent holds become folders of the child's.
    private void ReopenLowers()
    {
        foreach ((string path, int number) in inputs.LowerNames?.Numbers ?? [])
        {
            Slot folder = child.NewSlot(path);
            OpenFolder(path, folder);
            child.Call("dup3", Syscalls.Dup3, FileSteps.Quote(path), folder, number, Libc.O_CLOEXEC);
            child.Call("close", Syscalls.Close, FileSteps.Quote(path), folder);
        }
    }

    // A detached mount that the parent was given.
    private void PutOnRootPath(SafeFileHandle mount, string what)
    {
        Slot place = child.NewSlot(RootPath);
        OpenRootPath(place);
        child.Call("move_mount", Syscalls.MoveMount, FileSteps.Quote(RootPath), (int)mount.DangerousGetHandle(), child.Memory.String(""), place, child.Memory.String(""),
            MountApi.MoveMountFromEmptyPath | MountApi.MoveMountToEmptyPath).Detail(what);
    }

    private void OpenRootPath(Slot into) => OpenFolder(RootPath, into);

    private void OpenFolder(string path, Slot into)
        => child.Call("openat", Syscalls.OpenAt, FileSteps.Quote(path), Libc.AT_FDCWD, child.Memory.String(path), Libc.O_PATH | Libc.O_DIRECTORY | Libc.O_CLOEXEC, 0).Into(into);

    private static List<(string Name, string? Value)> OptionsOf(Containers.RootOverlay overlay)
    {
        List<(string Name, string? Value)> data = [];
        foreach (string lower in overlay.LowerDirs)
        {
            data.Add((OptionText.AppendedLower, lower));
        }

        data.Add(("upperdir", overlay.UpperDir));
        data.Add(("workdir", overlay.WorkDir));
        data.AddRange(overlay.UpperMount is null ? OverlayMount.PlainUpper : OverlayMount.ForeignUpper);
        return data;
    }

    private string TextOf(IEnumerable<(string Name, string? Value)> data, string at)
    {
        string text = OptionText.Of(inputs.LowerNames is null ? data : data.Select(option => option.Name == OptionText.AppendedLower ? (option.Name, inputs.LowerNames.NameOf(option.Value!)) : option));
        return OptionText.IsTooLong(text)
            ? throw new ArgumentException($"mount {FileSteps.Quote(at)}: its options are longer than the {OptionText.Longest} bytes that mount(2) takes")
            : text;
    }

    // Whether only mount(2) takes such options.
    private bool NeedsText(List<(string Name, string? Value)> data)
        => data.Exists(option => !OptionText.IsShort(option.Value) || (option.Name == OptionText.AppendedLower && !inputs.AppendsLowerDirs));

    // A place is passed to mount(2) as the working directory: by a path, whoever moves directories in the root would choose where it leads.
    private Slot MountByText(Slot root, Slot target, string type, string source, List<(string Name, string? Value)> data, MountAttributes attributes, string at)
    {
        const MountAttributes Flags = MountAttributes.ReadOnly | MountAttributes.NoSuid | MountAttributes.NoDev | MountAttributes.NoExec; // the same bits as MS_…
        ulong flags = (ulong)(attributes & Flags) | data.Aggregate(0ul, static (sum, option) => sum | MountOptions.SuperblockFlagOf(option));
        child.Call("fchdir", Syscalls.Fchdir, FileSteps.Quote(at), target);
        child.Call("mount", Syscalls.Mount, $"{FileSteps.Quote(type)} at {FileSteps.Quote(at)}", child.Memory.String(source), child.Memory.String("."),
            child.Memory.String(type), (long)flags, child.Memory.String(TextOf(data.Where(static option => MountOptions.SuperblockFlagOf(option) == 0), at)));
        Slot made = child.NewSlot(at);
        child.OpenInRoot(root, at, Libc.O_PATH | Libc.O_DIRECTORY, made);
        return made;
    }

    private void Bind(Slot root, Mount mount, MountOptions options)
    {
        string source = Path.GetFullPath(mount.Source ?? throw new ArgumentException($"mount \"{mount.Destination}\": a bind mount needs a source"), inputs.BundlePath);
        // The ids of a user namespace may not be allowed to walk to the source; this process may, and only it may then change the copy.
        bool isRecursive = options.RecursiveBind || (mount.Type == "bind" && !options.Bind);
        bool isForeign = ForeignMountSteps.TryParse(source, out int pid, out string inside);
        // A copy that is to pass mounts on to the host is made where the source is shared: everything of the child's namespace is a slave already.
        bool isShared = linux.RootfsPropagation is "shared" or "rshared" && options.Propagation.Exists(static change => change.Type == MountApi.Shared);
        PlanBuilder stage = !isForeign && !inputs.Unprivileged && (isShared || namespaces.HasUserNamespace || IsIdMapped(mount, options)) ? parent : child;
        Slot copy = isForeign ? ForeignMountSteps.Clone(parent, child, pid, inside, isRecursive) : stage.CloneMount(source, isRecursive);
        Adjust(stage, copy, mount.Destination, options, options.Set, options.Clear);
        if (IsIdMapped(mount, options))
        {
            stage.MapIds(copy, mount.Destination, inputs.MountIdMaps?.GetValueOrDefault(mount, -1) ?? -1, options.RecursiveIdMap);
        }

        Slot target = child.EnsureTarget(root, mount.Destination, inputs.IsDirectory(source));
        child.Attach(copy, target);
    }

    // File systems that hold the labels of their own files take none (SELinux; as runc).
    private List<(string Name, string? Value)> Labelled(string type, List<(string Name, string? Value)> data)
        => string.IsNullOrEmpty(linux.MountLabel) || type is "proc" or "sysfs" or "mqueue" ? data : [.. data, ("context", linux.MountLabel)];

    private static bool IsIdMapped(Mount mount, MountOptions options) => options.IdMap || mount.UidMappings is { Count: > 0 };

    private void CheckIdMap(Mount mount, MountOptions options)
    {
        if (mount.UidMappings is { Count: > 0 } != mount.GidMappings is { Count: > 0 })
        {
            throw new ArgumentException($"mount \"{mount.Destination}\": uidMappings and gidMappings are needed both or neither");
        }

        if (!IsIdMapped(mount, options))
        {
            return;
        }

        if (!options.Bind && mount.Type != "bind")
        {
            throw new ArgumentException($"mount \"{mount.Destination}\": only bind mounts can be idmapped");
        }

        if (mount.UidMappings is not { Count: > 0 } && !namespaces.HasUserNamespace)
        {
            throw new ArgumentException($"mount \"{mount.Destination}\": an idmapped mount needs uidMappings and gidMappings, or a user namespace of the container's own");
        }
    }

    private void FileSystem(Slot root, Mount mount, MountOptions options)
    {
        string type = string.IsNullOrEmpty(mount.Type) ? "none" : mount.Type;
        if (options.Remount)
        {
            Slot there = child.NewSlot(mount.Destination);
            child.OpenInRoot(root, mount.Destination, Libc.O_PATH, there);
            Adjust(child, there, mount.Destination, options, options.Set, options.Clear);
            return;
        }

        MountAttributes set = options.Set;
        if (mount.Destination.TrimEnd('/') == "/dev" && (set & MountAttributes.ReadOnly) != 0)
        {
            // The devices are still to be made in it.
            _sealsDevices = true;
            set &= ~MountAttributes.ReadOnly;
        }

        bool keepsMode = type == "tmpfs" && !options.Data.Exists(option => option.Name == "mode");
        Slot? mode = keepsMode ? ModeOf(root, mount.Destination) : null;
        if (type is "proc" or "sysfs")
        {
            // What is masked there afterwards must be what programs find (as runc; CVE-2019-19921, CVE-2023-27561).
            child.OpenInRoot(root, mount.Destination, Libc.O_PATH | Libc.O_NOFOLLOW | Libc.O_DIRECTORY, child.NewSlot("ordinary directory")).Ignoring(Linux.Errno.ENOENT).As(StepRole.Place);
        }

        Slot target = child.EnsureTarget(root, mount.Destination, directory: true);
        bool readOnlyLater = (keepsMode || options.CopyUp) && (set & MountAttributes.ReadOnly) != 0;
        List<(string Name, string? Value)> data = Labelled(type, options.Data);
        MountAttributes first = readOnlyLater ? set & ~MountAttributes.ReadOnly : set;
        bool byText = NeedsText(data);
        Slot made = byText
            ? MountByText(root, target, type, mount.Source ?? type, data, first, mount.Destination)
            : child.NewFileSystem(type, mount.Source ?? type, data, first, mount.Destination);
        if (options.CopyUp)
        {
            CopyUp(root, made, mount);
        }

        if (mode is not null)
        {
            child.Call("fchmodat", Syscalls.FchmodAt, FileSteps.Quote(mount.Destination), made, child.Memory.String("."), mode).When(mode, StepCondition.Succeeded);
        }

        Adjust(child, made, mount.Destination, options, byText ? set : readOnlyLater ? MountAttributes.ReadOnly : MountAttributes.None, MountAttributes.None);
        if (!byText)
        {
            child.Attach(made, target);
        }
    }

    // A tmpfs whose mode nobody names has that of the directory it covers, if there is one (as runc).
    private unsafe Slot ModeOf(Slot root, string path)
    {
        Slot mode = child.NewSlot($"mode of {path}");
        Slot there = child.NewSlot(path);
        child.OpenInRoot(root, path, Libc.O_PATH | Libc.O_DIRECTORY, there).Tolerant();
        child.When(there, StepCondition.Succeeded, () =>
        {
            Libc.statx_t* status = (Libc.statx_t*)child.Memory.Allocate(sizeof(Libc.statx_t));
            child.Call("statx", Syscalls.Statx, FileSteps.Quote(path), there, child.Memory.String(""), Libc.AT_EMPTY_PATH, Libc.STATX_BASIC_STATS, (nint)status);
            child.Add(StepKind.LoadSlot, "load", $"the mode of {FileSteps.Quote(path)}", (nint)(&status->stx_mode), 0xFFF).Into(mode);
        });
        return mode;
    }

    private void CopyUp(Slot root, Slot made, Mount mount)
    {
        if (mount.Type != "tmpfs")
        {
            throw new ArgumentException($"mount \"{mount.Destination}\": tmpcopyup is for tmpfs only");
        }

        Slot source = child.NewSlot(mount.Destination);
        child.OpenInRoot(root, mount.Destination, Libc.O_RDONLY | Libc.O_DIRECTORY, source);
        child.Add(StepKind.CopyTree, "copy", $"what the image has at {FileSteps.Quote(mount.Destination)}", child.Memory.Copy(TreeCopy.Here()), source, made);
        child.Call("close", Syscalls.Close, FileSteps.Quote(mount.Destination), source);
    }

    private static void Adjust(PlanBuilder stage, Slot mount, string destination, MountOptions options, MountAttributes set, MountAttributes clear)
    {
        if ((set | clear) != 0)
        {
            stage.SetAttributes(mount, destination, set, Cleared(set, clear), 0, recursive: false);
        }

        if ((options.RecursiveSet | options.RecursiveClear) != 0)
        {
            stage.SetAttributes(mount, destination, options.RecursiveSet, Cleared(options.RecursiveSet, options.RecursiveClear), 0, recursive: true);
        }

        foreach ((ulong type, bool recursive) in options.Propagation)
        {
            stage.SetAttributes(mount, destination, MountAttributes.None, MountAttributes.None, type, recursive);
        }
    }

    // The access time mode is no set of flags: whoever sets one clears the whole field (mount_setattr(2)).
    private static MountAttributes Cleared(MountAttributes set, MountAttributes clear)
        => (clear & ~set) | (((set | clear) & MountAttributes.AccessTimeMask) == 0 ? 0 : MountAttributes.AccessTimeMask);

    private static ulong? PropagationOf(string? name) => name switch
    {
        null or "" => null,
        "shared" => MountApi.Shared,
        "rshared" => MountApi.Shared | MountApi.Recursive,
        "slave" => MountApi.Slave,
        "rslave" => MountApi.Slave | MountApi.Recursive,
        "private" => MountApi.Private,
        "rprivate" => MountApi.Private | MountApi.Recursive,
        "unbindable" => MountApi.Unbindable,
        "runbindable" => MountApi.Unbindable | MountApi.Recursive,
        _ => throw new ArgumentException($"linux.rootfsPropagation \"{name}\" is unknown"),
    };
}
