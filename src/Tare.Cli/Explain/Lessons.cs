namespace Tare.Cli.Explain;

/// <summary>One sentence for each kind of thing that a container is made of.</summary>
internal static class Lessons
{
    public const string Container = "a container is an ordinary process that the kernel shows only a part of the machine";
    public const string Process = "the process that runs inside; the host sees it too, under this pid";
    public const string Namespaces = "what the process can see: each namespace is a private copy of one part of the system";
    public const string Cgroups = "what the process may use: the kernel counts and limits everything in these folders";
    public const string Layers = "where its files come from: folders stacked by overlayfs, of which only the top one is written to";
    public const string Mounts = "what else is attached to its file tree, beyond the layers";
    public const string Network = "how it reaches others: one end of a cable is inside, the other end on the host";
    public const string Shim = "the small process that holds its outputs, log and exit code, also while tared is away";
    public const string Capabilities = "the pieces of root's power that it keeps";
    public const string NoCapabilities = "none of root's powers is left to it";
    public const string Seccomp = "a filter of system calls: what is not on the list fails";
    public const string NoNewPrivileges = "no program that it executes can gain rights, not even a setuid one";

    /// <summary>What a namespace of the type keeps apart.</summary>
    public static string OfNamespace(string type) => type switch
    {
        "pid" => "process numbers: its first process is PID 1 inside",
        "mnt" or "mount" => "the file tree",
        "net" or "network" => "interfaces, addresses, routes and ports",
        "uts" => "the host name",
        "ipc" => "shared memory and message queues",
        "user" => "user IDs and the rights of root",
        "cgroup" => "the view of the control groups",
        "time" => "the boot-time clocks",
        _ => string.Empty,
    };
}
