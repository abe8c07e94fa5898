namespace Tare.Linux.Processes;

/// <summary>Resource limits by the names of getrlimit(2); numbers of x86-64 and arm64.</summary>
public static class ResourceLimits
{
    private static readonly string[] s_names =
    [
        "RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_DATA", "RLIMIT_STACK", "RLIMIT_CORE", "RLIMIT_RSS", "RLIMIT_NPROC", "RLIMIT_NOFILE", "RLIMIT_MEMLOCK",
        "RLIMIT_AS", "RLIMIT_LOCKS", "RLIMIT_SIGPENDING", "RLIMIT_MSGQUEUE", "RLIMIT_NICE", "RLIMIT_RTPRIO", "RLIMIT_RTTIME",
    ];

    /// <summary>The number of a limit; null for an unknown name.</summary>
    public static int? NumberOf(string name)
    {
        int number = Array.IndexOf(s_names, name);
        return number < 0 ? null : number;
    }
}
