namespace Tare.Engine.Machine;

/// <summary>What the machine and this daemon are, for <c>info</c>.</summary>
public sealed record SystemInformation
{
    /// <summary>Id of this daemon, stable over restarts: a UUID.</summary>
    public required string Id { get; init; }

    /// <summary>Number of containers.</summary>
    public int Containers { get; init; }

    /// <summary>Of these, running ones.</summary>
    public int ContainersRunning { get; init; }

    /// <summary>Of these, paused ones.</summary>
    public int ContainersPaused { get; init; }

    /// <summary>Of these, the rest.</summary>
    public int ContainersStopped { get; init; }

    /// <summary>Number of images.</summary>
    public int Images { get; init; }

    /// <summary>1 or 2. A hybrid machine counts as 1.</summary>
    public int CgroupVersion { get; init; }

    /// <summary><c>cgroupfs</c>.</summary>
    public string CgroupDriver { get; init; } = "cgroupfs";

    /// <summary>Kernel release (uname -r).</summary>
    public string KernelVersion { get; init; } = "";

    /// <summary>PRETTY_NAME of /etc/os-release.</summary>
    public string OperatingSystem { get; init; } = "";

    /// <summary>VERSION_ID of /etc/os-release.</summary>
    public string OsVersion { get; init; } = "";

    /// <summary>Machine architecture (uname -m), such as <c>x86_64</c>.</summary>
    public string Architecture { get; init; } = "";

    /// <summary>Number of processors.</summary>
    public int Cpus { get; init; }

    /// <summary>Memory in bytes.</summary>
    public long MemoryBytes { get; init; }

    /// <summary>Host name.</summary>
    public string HostName { get; init; } = "";

    /// <summary>Folder of all lasting data.</summary>
    public string DataRoot { get; init; } = "";

    /// <summary>File system below the data root, such as <c>extfs</c>.</summary>
    public string BackingFileSystem { get; init; } = "";

    /// <summary>Security features in Docker's form: <c>name=seccomp,profile=builtin</c> …</summary>
    public IReadOnlyList<string> SecurityOptions { get; init; } = [];

    /// <summary>Whether the memory controller can be used.</summary>
    public bool MemoryLimit { get; init; }

    /// <summary>Whether swap can be limited.</summary>
    public bool SwapLimit { get; init; }

    /// <summary>Whether CPU time can be limited.</summary>
    public bool CpuCfs { get; init; }

    /// <summary>Whether CPU weights can be set.</summary>
    public bool CpuShares { get; init; }

    /// <summary>Whether CPU sets can be chosen.</summary>
    public bool CpuSet { get; init; }

    /// <summary>Whether the number of tasks can be limited.</summary>
    public bool PidsLimit { get; init; }

    /// <summary>Whether IPv4 forwarding is on.</summary>
    public bool IPv4Forwarding { get; init; }

    /// <summary>Number of open file descriptors of the daemon.</summary>
    public int FileDescriptors { get; init; }

    /// <summary>Number of threads of the daemon.</summary>
    public int Threads { get; init; }

    /// <summary>Number of listeners of the event stream.</summary>
    public int EventListeners { get; init; }

    /// <summary>Registry hosts that are spoken to without TLS.</summary>
    public IReadOnlyList<string> InsecureRegistries { get; init; } = [];

    /// <summary>Folders of CDI files that are read.</summary>
    public IReadOnlyList<string> CdiFolders { get; init; } = [];

    /// <summary>Full names of the devices that those files offer, <c>vendor/class=name</c>.</summary>
    public IReadOnlyList<string> CdiDevices { get; init; } = [];

    /// <summary>Mirrors of Docker Hub.</summary>
    public IReadOnlyList<string> RegistryMirrors { get; init; } = [];

    /// <summary>What does not work on this machine, for the user.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
