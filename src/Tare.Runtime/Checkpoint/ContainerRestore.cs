using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Tare.Linux;
using Tare.Linux.Cgroups;
using Tare.Linux.Mounts;
using Tare.Runtime.Cgroups;
using Tare.Runtime.Containers;

namespace Tare.Runtime.Checkpoint;

/// <summary>
/// Makes a container from images, by the program criu: the cgroup, then criu in it, which forks the first process as a child of this process. A failure
/// at any step undoes the steps before.
/// </summary>
internal static class ContainerRestore
{
    private const string Log = "restore.log";
    private const int KnowsLabels = 3_16_00;

    /// <summary>Restores a container, which runs when this returns.</summary>
    /// <exception cref="RuntimeException">criu is missing or cannot do it; nothing is left.</exception>
    public static RestoredContainer Run(RestoreRequest request)
    {
        CreateRequest container = request.Container;
        IReadOnlyList<string> streams = StreamNames.Read(request.ImagePath);
        int version = CriuProgram.Version();
        CheckLabels(request, version);
        CriuProgram.Require(trackMemory: false, request.Settings.LazyPages);
        string folder = new ContainerStore(container.StateRoot).MakeFolder(container.Id);
        ContainerCgroup? cgroup = null;
        SystemdUnit? unit = null;
        try
        {
            ContainerLauncher.CheckRoot(container);
            unit = container.SystemdCgroup ? SystemdScope.Locate(container.Spec.Linux?.CgroupsPath, container.Id) : null;
            using SystemdScope? scope = unit is null ? null : ContainerLauncher.StartScope(container, unit);
            cgroup = new ContainerCgroup(container, unit);
            cgroup.Make();
            return Restore(request, folder, cgroup.Named, unit, version, streams);
        }
        catch (Exception failure)
        {
            ContainerLauncher.Undo(folder, cgroup?.Made, unit);
            if (failure is LinuxException or CgroupException or ArgumentException)
            {
                throw new RuntimeException(failure is ArgumentException ? ErrorKind.Invalid : ErrorKind.Step, failure.Message, (failure as LinuxException)?.Errno ?? Errno.None, failure);
            }

            throw;
        }
    }

    private static void CheckLabels(RestoreRequest request, int version)
    {
        string? option = request.LsmProfile is not null ? "--lsm-profile" : request.LsmMountContext is not null ? "--lsm-mount-context" : null;
        if (option is not null && version < KnowsLabels)
        {
            throw new RuntimeException(ErrorKind.Invalid, $"{option} requires at least CRIU 3.16");
        }
    }

    private static RestoredContainer Restore(RestoreRequest request, string folder, Cgroup cgroup, SystemdUnit? unit, int version, IReadOnlyList<string> streams)
    {
        CreateRequest container = request.Container;
        StateDocument document = new()
        {
            Id = container.Id,
            Created = ContainerLauncher.Now(),
            Bundle = container.BundlePath,
            Rootfs = ContainerLauncher.RootOf(container),
            Owner = PasswordFile.OwnName(),
            CgroupPath = cgroup.Path,
            SystemdUnit = unit?.Name ?? "",
        };
        RestoreNotifications notifications = new(container, new StoredContainer(folder, document, container.Spec), document, request.TerminalReady);
        try
        {
            using PrivateMounts mounts = PrivateMounts.Enter();

            // criu mounts in the folder of its work, so that folder must be of the namespace that criu is in.
            using ImageFolders folders = ImageFolders.Open(request.ImagePath, request.Settings.WorkPath, make: false);
            string log = Path.Combine(folders.Logs, Log);
            Dictionary<string, string> resolved = [];
            CriuOptions options = new(folders.Images, folders.Work, Log, RestoreRoot.Make(container, folder, resolved));
            AddSettings(options, request);
            ExternalMounts.GiveForRestore(options, container.Spec, container.BundlePath, cgroup, destination => resolved[destination]);
            IReadOnlyList<SafeFileHandle> inherited = ExternalNamespaces.GiveForRestore(options, container.Spec, version);
            InheritStreams(options, streams);
            using CriuProcess criu = CriuProcess.Start(inherited);
            foreach (SafeFileHandle handle in inherited)
            {
                handle.Dispose();
            }

            mounts.Leave();
            JoinCgroup(options, container, cgroup, criu.Pid);
            CriuReply reply = criu.Call(options.ToRequest(CriuRequestKind.Restore), notifications.At);
            if (reply.Kind != CriuRequestKind.Restore || !reply.Success)
            {
                throw CriuProgram.Failure(CriuRequestKind.Restore, reply, log);
            }

            if (criu.Wait().ShellStatus is not 0 and { } status)
            {
                throw new RuntimeException(ErrorKind.Step, $"criu failed: exit status {status} (log file: {log})");
            }

            return notifications.Finish();
        }
        catch
        {
            notifications.Abandon();
            throw;
        }
        finally
        {
            if (Directory.Exists(Path.Combine(folder, RestoreRoot.Name)))
            {
                Directory.Delete(Path.Combine(folder, RestoreRoot.Name));
            }
        }
    }

    private static void AddSettings(CriuOptions options, RestoreRequest request)
    {
        request.Settings.WriteTo(options);
        options.EvasiveDevices();
        options.Sibling();
        options.SecurityLabels(request.LsmProfile, request.LsmMountContext);
        if (CriuProgram.ConfigurationOf(request.Container.Spec) is { } file)
        {
            options.ConfigurationFile(file);
        }
    }

    private static void InheritStreams(CriuOptions options, IReadOnlyList<string> streams)
    {
        for (int i = 0; i < streams.Count; i++)
        {
            if (streams[i].Contains("pipe:", StringComparison.Ordinal))
            {
                options.Inherit(streams[i], i);
            }
        }
    }

    // What criu forks is born in its groups; paths of the images are taken to be below them.
    private static void JoinCgroup(CriuOptions options, CreateRequest container, Cgroup cgroup, int criu)
    {
        cgroup.Join(criu);
        if (container.Spec.Linux?.IntelRdt is { } rdt)
        {
            IntelRdt.Join(IntelRdt.MountPoint(), rdt, container.Id, criu);
        }

        foreach (string line in CgroupFile.Read(string.Create(CultureInfo.InvariantCulture, $"/proc/{criu}/cgroup")).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            // 4:cpu,cpuacct:/docker/abc, one entry for each controller
            string[] parts = line.Split(':', 3);
            foreach (string controller in parts.Length == 3 ? parts[1].Split(',') : [])
            {
                options.CgroupRoot(controller, parts[2]);
            }
        }
    }
}
