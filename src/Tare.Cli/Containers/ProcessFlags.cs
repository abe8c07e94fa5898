using Tare.Cli.CommandLine;

namespace Tare.Cli.Containers;

/// <summary>The options of run and create about the process: what runs, as whom, with which streams and rights.</summary>
internal sealed class ProcessFlags(FlagSet flags)
{
    public ValueFlag<bool> Interactive { get; } = flags.Switch("interactive", 'i', "Keep standard input open even if nobody is attached");
    public ValueFlag<bool> Tty { get; } = flags.Switch("tty", 't', "Give the container a terminal");
    public ListFlag<string> Attach { get; } = flags.List("attach", 'a', "Attach to STDIN, STDOUT or STDERR", AttachTarget);
    public ListFlag<string> Environment { get; } = flags.List("env", 'e', "Set environment variables", FlagValues.EnvironmentVariable);
    public ListFlag<string> EnvironmentFiles { get; } = flags.List("env-file", '\0', "Read environment variables from a file");
    public ValueFlag<string> WorkingDirectory { get; } = flags.Text("workdir", 'w', "Working directory inside the container");
    public ValueFlag<string> User { get; } = flags.Text("user", 'u', "User name or UID (format: <name|uid>[:<group|gid>])");
    public ListFlag<string> AdditionalGroups { get; } = flags.List("group-add", '\0', "Join additional groups");
    public ValueFlag<string> Entrypoint { get; } = flags.Text("entrypoint", '\0', "Replace the entrypoint of the image");
    public ValueFlag<string> Hostname { get; } = flags.Text("hostname", 'h', "Host name of the container");
    public ValueFlag<string> DomainName { get; } = flags.Text("domainname", '\0', "NIS domain name of the container");
    public ValueFlag<bool> Init { get; } = flags.Switch("init", '\0', "Run a small init as PID 1 that forwards signals and reaps processes");
    public ValueFlag<string> StopSignal { get; } = flags.Text("stop-signal", '\0', "Signal that stops the container");
    public ValueFlag<long> StopTimeout { get; } = flags.Integer("stop-timeout", '\0', "Seconds to wait for a stop before the container is killed");
    public ListFlag<string> CapabilitiesToAdd { get; } = flags.List("cap-add", '\0', "Add Linux capabilities");
    public ListFlag<string> CapabilitiesToDrop { get; } = flags.List("cap-drop", '\0', "Drop Linux capabilities");
    public ValueFlag<bool> Privileged { get; } = flags.Switch("privileged", '\0', "Give the container all capabilities and devices");
    public ListFlag<string> SecurityOptions { get; } = flags.List("security-opt", '\0', "Security options");
    public ListFlag<Ulimit> Ulimits { get; } = flags.Add(new ListFlag<Ulimit>("ulimit", '\0', "ulimit", "Resource limits of the process", Ulimit.Parse));
    public ListFlag<string> Sysctls { get; } = flags.List("sysctl", '\0', "Kernel parameters of the container's namespaces", Sysctl);
    public ValueFlag<string> PidMode { get; } = flags.Text("pid", '\0', "PID namespace to use");
    public ValueFlag<string> IpcMode { get; } = flags.Text("ipc", '\0', "IPC namespace to use");
    public ValueFlag<string> UtsMode { get; } = flags.Text("uts", '\0', "UTS namespace to use");
    public ValueFlag<string> UserNamespace { get; } = flags.Text("userns", '\0', "User namespace to use");
    public ValueFlag<string> CgroupNamespace { get; } = flags.Text("cgroupns", '\0', "Cgroup namespace to use (host|private)");

    private static string AttachTarget(string text) => text.ToLowerInvariant() is "stdin" or "stdout" or "stderr"
        ? text.ToLowerInvariant()
        : throw new FormatException("valid streams are STDIN, STDOUT and STDERR");

    // Parameters that belong to a namespace (sysctl(8), namespaces(7)); all others would change the host.
    private static string Sysctl(string text)
    {
        string[] ofIpc = ["kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem", "kernel.shmall", "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced"];
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        string name = equals < 0 ? text : text[..equals];
        bool allowed = equals > 0
            && (ofIpc.Contains(name) || name.StartsWith("net.", StringComparison.Ordinal) || name.StartsWith("fs.mqueue.", StringComparison.Ordinal));
        return allowed ? text : throw new FormatException($"sysctl '{text}' is not allowed");
    }
}
