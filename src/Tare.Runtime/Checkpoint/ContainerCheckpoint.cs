using Tare.Linux;
using Tare.Linux.Cgroups;
using Tare.Linux.Interop;
using Tare.Oci.Runtime;
using Tare.Runtime.Containers;

namespace Tare.Runtime.Checkpoint;

/// <summary>Writes a running container's processes to images, by the program criu.</summary>
internal static class ContainerCheckpoint
{
    private const string Log = "dump.log";
    private const int NotifiesReady = 3_15_00; // from criu 3.15 on readiness is a notification, no byte of criu's own
    private const int KnowsUnifiedFreezer = 3_14_00;
    private const int AccessMode = 3; // O_ACCMODE

    /// <summary>Writes the images. The processes have ended after it, but where they were to be left.</summary>
    /// <exception cref="RuntimeException">The container does not run, criu is missing or cannot do it. The processes go on then.</exception>
    public static void Run(CheckpointRequest request)
    {
        int version = CriuProgram.Version();
        StoredContainer container = request.Container;
        using ImageFolders folders = ImageFolders.Open(request.ImagePath, request.Settings.WorkPath, make: true, RootOutside(container.Spec));
        CriuOptions options = new(folders.Images, folders.Work, Log, container.Rootfs);
        request.Settings.WriteTo(options);
        options.Process(container.Pid, request.LeaveRunning);
        options.SkipTcpInFlight(request.SkipTcpInFlight);
        options.LinkRemap(request.LinkRemap);
        AddMachine(options, container, version);
        AddTransfer(options, request, version);
        if (!request.PreDump)
        {
            ExternalMounts.NameForDump(options, container.Spec, container.Pid);
            StreamNames.Write(request.ImagePath, container.Pid);
        }

        CriuRequestKind kind = request.PreDump ? CriuRequestKind.PreDump : CriuRequestKind.Dump;
        using CriuProcess criu = CriuProcess.Start();
        CriuReply reply = criu.Call(options.ToRequest(kind), (notification, _) => Notified(notification, request.StatusDescriptor));
        if (reply.Kind != kind || !reply.Success)
        {
            throw CriuProgram.Failure(kind, reply, Path.Combine(folders.Logs, Log));
        }

        // After a dump of the memory only, criu waits for the next one, which comes from another process of ours.
        if (!request.PreDump && criu.Wait().ShellStatus is not 0 and { } status)
        {
            throw new RuntimeException(ErrorKind.Step, $"criu failed: exit status {status} (log file: {Path.Combine(folders.Logs, Log)})");
        }
    }

    private static uint RootOutside(RuntimeSpec spec)
        => spec.Linux?.Namespaces?.Exists(entry => entry.Type == "user") ?? false ? spec.Linux.UidMappings?.Find(map => map.ContainerId == 0)?.HostId ?? 0 : 0;

    private static void AddMachine(CriuOptions options, StoredContainer container, int version)
    {
        if (CriuProgram.ConfigurationOf(container.Spec) is { } file)
        {
            options.ConfigurationFile(file);
        }

        ExternalNamespaces.NameForDump(options, container.Spec, version);
        Cgroup cgroup = container.Cgroup;
        CgroupDirectory? freezer = cgroup.Find("freezer") ?? (version >= KnowsUnifiedFreezer && cgroup.Hierarchies.Mode == CgroupMode.V2 ? cgroup.Unified : null);
        if (freezer is not null && Directory.Exists(freezer.Path))
        {
            options.FreezeCgroup(freezer.Path);
        }
    }

    private static void AddTransfer(CriuOptions options, CheckpointRequest request, int version)
    {
        if (request.PageServer is { } server)
        {
            options.PageServer(server.Address, server.Port);
        }

        if (request.ParentPath is { } parent)
        {
            options.Parent(parent);
        }

        CriuProgram.Require(request.PreDump, request.Settings.LazyPages);
        if (request.Settings.LazyPages && request.StatusDescriptor >= 0)
        {
            CheckStatusDescriptor(request.StatusDescriptor);
            if (version < NotifiesReady)
            {
                options.StatusDescriptor(request.StatusDescriptor);
            }
        }
    }

    private static void CheckStatusDescriptor(int descriptor)
    {
        int flags = Libc.fcntl(descriptor, Libc.F_GETFL, 0);
        if (flags < 0)
        {
            Errno errno = LinuxException.Last("fcntl").Errno;
            throw new RuntimeException(ErrorKind.Invalid, $"invalid --status-fd argument {descriptor}: {errno.Describe()}", errno);
        }

        if ((flags & AccessMode) == Libc.O_RDONLY)
        {
            throw new RuntimeException(ErrorKind.Invalid, $"invalid --status-fd argument {descriptor}: not writable");
        }
    }

    private static unsafe void Notified(CriuReply notification, int statusDescriptor)
    {
        if (notification.Script == "status-ready" && statusDescriptor >= 0)
        {
            byte ready = 0;
            nint written = Libc.write(statusDescriptor, &ready, 1);
            LinuxException? failure = written == 1 ? null : LinuxException.Last("write", "--status-fd");
            _ = Libc.close(statusDescriptor);
            if (failure is not null)
            {
                throw failure;
            }
        }
    }
}
