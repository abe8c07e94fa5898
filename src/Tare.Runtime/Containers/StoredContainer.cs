using System.Globalization;
using Tare.Linux;
using Tare.Linux.Cgroups;
using Tare.Linux.Files;
using Tare.Linux.Interop;
using Tare.Linux.Namespaces;
using Tare.Oci.Runtime;

namespace Tare.Runtime.Containers;

/// <summary>A container as it stands in its state folder: <c>state.json</c>, <c>config.json</c> as it was at create, and the start gate.</summary>
public sealed class StoredContainer
{
    private const string GateName = "exec.fifo";
    private const string CgroupName = "cgroup";
    private readonly StateDocument _document;
    private RuntimeSpec? _spec;

    internal StoredContainer(string folder, StateDocument document, RuntimeSpec? spec = null)
    {
        Folder = folder;
        _document = document;
        _spec = spec;
    }

    /// <summary>The state folder.</summary>
    public string Folder { get; }

    /// <summary>The container's id.</summary>
    public string Id => _document.Id;

    /// <summary>The first process outside.</summary>
    public int Pid => _document.Pid;

    /// <summary>When it was created, RFC 3339.</summary>
    public string Created => _document.Created;

    /// <summary>The scope of systemd that the cgroup belongs to; null without one.</summary>
    internal string? SystemdUnit => _document.SystemdUnit.Length == 0 ? null : _document.SystemdUnit;

    /// <summary>Whether the container has no session keyring of its own.</summary>
    internal bool NoNewKeyring => _document.NoNewKeyring;

    /// <summary>Absolute path of the bundle.</summary>
    public string Bundle => _document.Bundle;

    /// <summary>Absolute path of the root file system.</summary>
    internal string Rootfs => _document.Rootfs;

    /// <summary>The configuration at create.</summary>
    /// <exception cref="RuntimeException">It cannot be read.</exception>
    public RuntimeSpec Spec => _spec ??= BundleReader.ReadSpec(Path.Combine(Folder, "config.json"));

    /// <summary>Whether the container has a pid namespace that nobody else is in: its processes end with the first one.</summary>
    internal bool HasOwnPids => Spec.Linux?.Namespaces?.Exists(entry => entry.Type == "pid" && string.IsNullOrEmpty(entry.Path)) ?? false;

    /// <summary>The container's cgroup.</summary>
    public Cgroup Cgroup => Cgroup.Open(CgroupHierarchies.Current, _document.CgroupPath);

    /// <summary>The state now.</summary>
    public ContainerStatus Status
    {
        get
        {
            if (ProcessStat.Read(_document.Pid) is not { IsEnded: false } stat || stat.StartTicks != _document.StartTicks)
            {
                return ContainerStatus.Stopped;
            }

            return Cgroup.IsFrozen ? ContainerStatus.Paused : File.Exists(GatePath) ? ContainerStatus.Created : ContainerStatus.Running;
        }
    }

    private string GatePath => Path.Combine(Folder, GateName);

    /// <summary>The state as the specification has it.</summary>
    public ContainerState ToState(ContainerStatus status) => new()
    {
        OciVersion = SpecVersion.Current,
        Id = Id,
        Status = status.ToString().ToLowerInvariant(),
        Pid = status == ContainerStatus.Stopped ? 0 : Pid,
        Bundle = _document.Bundle,
        Rootfs = _document.Rootfs,
        Created = _document.Created,
        Owner = _document.Owner,
        Annotations = Spec.Annotations,
    };

    /// <summary>Lets the first process go on.</summary>
    /// <exception cref="RuntimeException">It does not wait: it was started already, or has ended.</exception>
    public unsafe void OpenGate()
    {
        // The waiting process holds the fifo open; without it nobody reads and the open fails (fifo(7)).
        int fd = Libc.open(GatePath, Libc.O_WRONLY | Libc.O_NONBLOCK | Libc.O_CLOEXEC, 0);
        if (fd < 0)
        {
            throw new RuntimeException(ErrorKind.WrongState, $"cannot start a container in the {Status.ToString().ToLowerInvariant()} state", LinuxException.Last("open").Errno);
        }

        byte go = 1;
        nint written = Libc.write(fd, &go, 1);
        LinuxException? failure = written == 1 ? null : LinuxException.Last("write", GatePath);
        _ = Libc.close(fd);
        File.Delete(GatePath);
        if (failure is not null)
        {
            throw failure;
        }
    }

    /// <summary>Runs the poststart hooks. One that fails stops the container (runtime.md, Lifecycle).</summary>
    /// <exception cref="RuntimeException">A hook failed.</exception>
    internal void RunPoststart()
    {
        if (Spec.Hooks is not { Poststart: { Count: > 0 } hooks })
        {
            return;
        }

        try
        {
            HookRunner.Run(hooks, ToState(ContainerStatus.Running), "poststart");
        }
        catch (RuntimeException)
        {
            KillAll();
            throw;
        }
    }

    /// <summary>Pids of all processes: those of the cgroup; where the container has none, those of its pid namespace.</summary>
    internal IReadOnlyList<int> Processes()
    {
        IReadOnlyList<int> processes = Cgroup.Processes();
        if (processes.Count > 0 || Status == ContainerStatus.Stopped)
        {
            return processes;
        }

        string? own = NamespaceFiles.Identity(NamespaceFiles.PathOf(Pid, NamespaceType.Pid));
        return own is null || own == NamespaceFiles.Identity("/proc/self/ns/pid")
            ? [Pid]
            : [.. Directory.EnumerateDirectories("/proc").Select(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out int pid) ? pid : 0)
                .Where(pid => pid > 0 && NamespaceFiles.Identity(NamespaceFiles.PathOf(pid, NamespaceType.Pid)) == own)];
    }

    /// <summary>Kills all processes, those of a container without a cgroup by the end of its pid namespace.</summary>
    internal void KillAll()
    {
        Cgroup.KillAll();
        if (Status != ContainerStatus.Stopped)
        {
            _ = Libc.kill(Pid, Libc.SIGKILL);
        }
    }

    internal static string MakeGate(string folder)
    {
        string path = Path.Combine(folder, GateName);
        nint name = System.Runtime.InteropServices.Marshal.StringToCoTaskMemUTF8(path);
        nint result = Libc.Syscall(Syscalls.MknodAt, Libc.AT_FDCWD, name, 0x1000 | 0x180, 0); // S_IFIFO, 0600
        System.Runtime.InteropServices.Marshal.FreeCoTaskMem(name);
        return result == 0 ? path : throw LinuxException.Last("mknod", path);
    }

    /// <summary>Notes where the cgroup of a container will be, for whoever finds its creation cut off: a symbolic link is written whole. The id's own name needs none.</summary>
    internal static void NoteCgroup(string folder, string id, string cgroup)
    {
        string path = Path.Combine(folder, CgroupName);
        if (cgroup != "/" + id && Libc.symlinkat(cgroup, Libc.AT_FDCWD, path) != 0)
        {
            throw LinuxException.Last("symlink", path);
        }
    }

    /// <summary>Where the cgroup of a container without state.json is, if it was made at all.</summary>
    internal static string NotedCgroup(string folder, string id) => new FileInfo(Path.Combine(folder, CgroupName)).LinkTarget ?? "/" + id;

    internal static ulong StartTicksOf(int pid) => ProcessStat.Read(pid)?.StartTicks ?? 0;

    internal void Save(ReadOnlySpan<byte> configuration)
    {
        SmallFile.Write(Path.Combine(Folder, "config.json"), configuration);
        // Renamed last: a folder without state.json is a creation that did not end.
        string temporary = Path.Combine(Folder, "state.json.tmp");
        SmallFile.Write(temporary, _document.ToJson(Cgroup, Spec));
        if (Libc.rename(temporary, Path.Combine(Folder, "state.json")) != 0)
        {
            throw LinuxException.Last("rename", temporary);
        }
    }

    /// <summary>Removes the state folder; state.json last, so that a removal which was cut off can be repeated.</summary>
    internal void Remove()
    {
        foreach (string name in (ReadOnlySpan<string>)[GateName, CgroupName, "config.json", "state.json"])
        {
            _ = Libc.unlink(Path.Combine(Folder, name));
        }

        // Something else in it is not ours, but must go too; whoever waits for the container may have removed all of it meanwhile.
        if (Libc.rmdir(Folder) != 0 && LinuxException.Last("rmdir").Errno != Errno.ENOENT)
        {
            Directory.Delete(Folder, recursive: true);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Id} ({Pid})");
}
