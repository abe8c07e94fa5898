using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Tare.Linux;
using Tare.Linux.Capabilities;
using Tare.Linux.Cgroups;
using Tare.Linux.Files;
using Tare.Linux.Mounts;
using Tare.Linux.Processes;
using Tare.Oci.Runtime;
using Tare.Runtime.Cgroups;
using Tare.Runtime.Plan;
using Tare.Runtime.Seccomp;

namespace Tare.Runtime.Containers;

/// <summary>Creates containers: cgroup, plan, clone. A failure at any step undoes the steps before.</summary>
public static class ContainerLauncher
{
    /// <summary>Creates a container; its first process waits at the start gate, or runs where the request has none.</summary>
    /// <exception cref="RuntimeException">The configuration is wrong or a step failed; nothing is left.</exception>
    public static CreatedContainer Create(CreateRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        RuntimeSpec spec = request.Spec;
        ContainerStore store = new(request.StateRoot);
        string folder = store.MakeFolder(request.Id);
        ContainerCgroup? cgroup = null;
        SystemdUnit? unit = null;
        try
        {
            request.FolderMade?.Invoke();
            CheckRoot(request);
            if (spec.Linux?.IntelRdt is not null)
            {
                _ = IntelRdt.MountPoint();
            }

            unit = request.SystemdCgroup ? SystemdScope.Locate(spec.Linux?.CgroupsPath, request.Id) : null;
            using SystemdScope? scope = unit is null ? null : StartScope(request, unit);
            cgroup = new ContainerCgroup(request, unit);
            StoredContainer.NoteCgroup(folder, request.Id, cgroup.Path);
            return Launch(request, folder, cgroup, unit);
        }
        catch (Exception failure)
        {
            Undo(folder, cgroup?.Made, unit);
            if (failure is LinuxException or CgroupException or ArgumentException)
            {
                throw new RuntimeException(failure is ArgumentException ? ErrorKind.Invalid : ErrorKind.Step, failure.Message, (failure as LinuxException)?.Errno ?? Errno.None, failure);
            }

            throw;
        }
    }

    /// <summary>The path of a container's cgroup below the mount points: as configured, or named after the id.</summary>
    internal static string CgroupPathOf(RuntimeSpec spec, string id)
        => spec.Linux?.CgroupsPath is { Length: > 0 } path ? Path.GetFullPath(path, "/") : "/" + id;

    internal static void CheckRoot(CreateRequest request)
    {
        string root = RootOf(request);
        if (!Directory.Exists(root))
        {
            throw new RuntimeException(ErrorKind.Invalid, $"root.path \"{root}\" is no directory");
        }
    }

    internal static string RootOf(CreateRequest request)
        => Path.GetFullPath(request.Spec.Root?.Path ?? throw new RuntimeException(ErrorKind.Invalid, "config.json: root is missing"), request.BundlePath);

    internal static SystemdScope StartScope(CreateRequest request, SystemdUnit unit)
        => SystemdScope.Start(unit, request.Id,
            SystemdProperties.Of(request.Spec.Linux?.Resources, CgroupHierarchies.Current.Mode == CgroupMode.V2).Concat(DeviceProperties(request.Spec.Linux?.Resources))
                .Concat(SystemdAnnotations.Of(request.Spec.Annotations)));

    private static List<SystemdProperty> DeviceProperties(LinuxResources? resources)
        => resources?.Devices is null ? [] : SystemdDevices.Of(DeviceRules.WithDefaults(ResourcesSection.ToResources(resources).Devices), CgroupFile.Read("/proc/devices"));

    private static CreatedContainer Launch(CreateRequest request, string folder, ContainerCgroup containerCgroup, SystemdUnit? unit)
    {
        ProcessSpec process = request.Spec.Process ?? throw new RuntimeException(ErrorKind.Invalid, "config.json: process is missing");
        CapabilitySet bounding = CapabilitySet.Bounding();
        ProcessClamp.Apply(process, bounding, request.Spec.Linux?.Namespaces?.Exists(entry => entry.Type == "user") ?? false, request.Warn);
        ProcessClamp.WarnOfIgnored(request.Spec.Linux, request.Warn);
        bool late = containerCgroup.CanBeMadeBesideTheChild;
        if (late)
        {
            containerCgroup.MakeUnified();
        }
        else
        {
            containerCgroup.Make();
        }

        Cgroup cgroup = containerCgroup.Named;
        using DescriptorPair? terminal = process.Terminal ? DescriptorPair.Sockets() : null;
        using SafeFileHandle? unified = containerCgroup.Made?.OpenUnified();
        StateDocument document = new()
        {
            Id = request.Id,
            Created = Now(),
            Bundle = request.BundlePath,
            Rootfs = RootOf(request),
            Owner = PasswordFile.OwnName(),
            CgroupPath = cgroup.Path,
            SystemdUnit = unit?.Name ?? "",
            NoNewKeyring = request.NoNewKeyring,
        };
        StoredContainer stored = new(folder, document, request.Spec);
        using OwnProgram? program = ProgramGuard.ForChild();
        using HookFiles? hookFiles = HookFiles.For(request.Spec.Hooks);
        SeccompFilter? filter = request.Spec.Linux?.Seccomp is { } section ? SeccompSection.Compile(section) : null;
        using DescriptorPair? listener = SeccompListener.SocketsFor(filter);
        CreationSync sync = new(request, stored, filter, hookFiles, listener);
        using MountIdMaps? idMaps = MountIdMaps.For(request.Spec);
        using FolderDescriptors? lowerNames = LowerNames.For(request.Root, request.Spec);
        using SetupPlan plan = PlanCompiler.Compile(Inputs(request, folder, cgroup, bounding, terminal, filter) with
        {
            JoinsCgroupsLate = late,
            ClonedIntoUnified = unified is not null,
            Program = program,
            ListenerSocket = listener is null ? -1 : (int)listener.Second.DangerousGetHandle(),
            HookFiles = hookFiles?.Descriptors,
            MountIdMaps = idMaps?.Descriptors,
            LowerNames = lowerNames,
        });
        LaunchedChild child = PlanLauncher.Launch(plan, unified, (errno, found) => CommandErrors.Describe(process.Args![0], errno, found), sync.At, launched =>
        {
            if (late)
            {
                containerCgroup.Make();
            }

            document.Pid = launched.Pid;
            document.StartTicks = StoredContainer.StartTicksOf(launched.Pid);
            stored.Save(request.Configuration.Span);
            ProgramGuard.ReleaseMount();
        });
        try
        {
            if (child.Pid != document.Pid)
            {
                document.Pid = child.Pid;
                document.StartTicks = StoredContainer.StartTicksOf(child.Pid);
                stored.Save(request.Configuration.Span);
            }

            if (process.OomScoreAdj is { } score)
            {
                ProcessClamp.SetOomScore(child.Pid, score, request.Warn);
            }

            SafeFileHandle? master = ReceiveTerminal(terminal);
            return new CreatedContainer(child, stored, master);
        }
        catch
        {
            child.Abandon();
            throw;
        }
    }

    private static CreateInputs Inputs(CreateRequest request, string folder, Cgroup cgroup, CapabilitySet bounding, DescriptorPair? terminal, SeccompFilter? filter)
    {
        return new CreateInputs
        {
            Spec = request.Spec,
            BundlePath = request.BundlePath,
            Id = request.Id,
            Overlay = request.Root,
            AppendsLowerDirs = OverlayMount.TakesLayersOneByOne,
            Cgroups = [.. cgroup.Directories.Select(CgroupViews.Of)],
            GatePath = request.Gate ? StoredContainer.MakeGate(folder) : null,
            Descriptors = StreamDescriptors.Of(request.Streams, request.Spec.Process!.User, request.Spec.Linux?.UidMappings),
            NullStreams = request.Spec.Process.Terminal ? 0 : StreamDescriptors.NullOf(request.Streams),
            ClosedDescriptors = request.ClosedDescriptors,
            IgnoredSignals = IgnoredSignals.Get(),
            PreservedDescriptors = request.PreservedDescriptors,
            PlainLineFeeds = request.PlainLineFeeds,
            TerminalSocket = terminal is null ? -1 : (int)terminal.Second.DangerousGetHandle(),
            Seccomp = filter?.Program,
            SeccompFlags = filter?.Flags ?? 0,
            SeccompNotifies = filter?.Notifies ?? false,
            Bounding = bounding,
            LastCapability = CapabilitySet.LastOfKernel(),
            Home = request.Root is null ? PasswordFile.HomeOf(RootOf(request), request.Spec.Process.User.Uid) : null,
            NoPivot = request.NoPivot,
            NoNewKeyring = request.NoNewKeyring,
            Init = request.Init,
            Unprivileged = Linux.Interop.Libc.geteuid() != 0,
        };
    }

    internal static SafeFileHandle? ReceiveTerminal(DescriptorPair? terminal)
    {
        if (terminal is null)
        {
            return null;
        }

        terminal.Second.Dispose();
        SafeFileHandle master = DescriptorPassing.Receive(terminal.First) ?? throw new RuntimeException(ErrorKind.Step, "the container's first process sent no terminal");
        // What stands at /dev/pts/ptmx inside is not trusted: the master of a Unix98 pseudo-terminal is 5:2 (Documentation/admin-guide/devices.txt).
        if (FileStatus.Of(master) is not { Type: FileType.CharacterDevice, DeviceMajor: 5, DeviceMinor: 2 })
        {
            master.Dispose();
            throw new RuntimeException(ErrorKind.Step, "/dev/pts/ptmx inside the container is no pseudo-terminal");
        }

        return master;
    }

    internal static void Undo(string folder, Cgroup? cgroup, SystemdUnit? unit)
    {
        try
        {
            cgroup?.KillAll();
            if (unit is not null && cgroup is not null)
            {
                SystemdScope.Stop(unit.Name);
            }

            cgroup?.Delete();
        }
        catch (Exception failure) when (failure is LinuxException or CgroupException or RuntimeException)
        {
            // The first error is the one to tell; an empty cgroup that stays is swept when its id is used again.
        }

        Directory.Delete(folder, recursive: true);
    }

    internal static string Now() => TimeProvider.System.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture);
}
