using System.Globalization;
using Tare.Oci.Runtime;
using Tare.Runtime.Containers;

namespace Tare.Runtime.Commands;

/// <summary><c>exec</c>: a further process in a running container; the exit code is the process's.</summary>
internal static class ExecCommand
{
    private sealed class Options
    {
        public string? ProcessFile { get; set; }

        public bool? Tty { get; set; }

        public string? Cwd { get; set; }

        public List<string> Env { get; } = [];

        public string? User { get; set; }

        public List<uint> AdditionalGids { get; } = [];

        public List<string> Capabilities { get; } = [];

        public bool NoNewPrivileges { get; set; }

        public string? Apparmor { get; set; }

        public string? ProcessLabel { get; set; }

        public string? PidFile { get; set; }

        public string? ConsoleSocket { get; set; }

        public bool Detach { get; set; }

        public int PreserveFds { get; set; }

        public bool IgnorePaused { get; set; }

        public List<string> Cgroups { get; } = [];

        public string? PidFdSocket { get; set; }
    }

    /// <summary>Runs the command.</summary>
    public static int Run(CommandContext context, CommandLineReader reader)
    {
        Options options = Read(reader);
        string[] rest = reader.Rest();
        if (rest.Length == 0)
        {
            throw new RuntimeException(ErrorKind.Invalid, "tare-runtime: \"exec\" requires a minimum of 1 argument: the container's id");
        }

        ListenDescriptors.Check(options.PreserveFds);
        ProgramGuard.Enter();
        try
        {
            return Execute(context, options, rest);
        }
        catch (Exception failure) when (failure is RuntimeException or Linux.LinuxException or IOException or UnauthorizedAccessException)
        {
            // As runc: apart from every exit code that the process is likely to have.
            bool started = failure is RuntimeException { Kind: ErrorKind.ExecNotFound or ErrorKind.ExecDenied or ErrorKind.Step };
            context.Log.Error($"exec failed: {(started ? "unable to start container process: " : "")}{FileErrors.Describe(failure)}");
            return 255;
        }
    }

    private static int Execute(CommandContext context, Options options, string[] rest)
    {
        if (rest.Length == 1 && options.ProcessFile is null)
        {
            throw new RuntimeException(ErrorKind.Invalid, "exec args cannot be empty");
        }

        StoredContainer container = context.Store.Load(rest[0]);
        ProcessSpec process = ProcessOf(options, container, rest[1..]);
        CreateCommand.CheckConsole(new RuntimeSpec { Process = process }, options.ConsoleSocket, options.Detach);
        using ForegroundSession? session = options.Detach ? null : new ForegroundSession();
        using LaunchedProcess launched = ExecLauncher.Launch(new ExecRequest
        {
            Container = container,
            Process = process,
            PreservedDescriptors = options.PreserveFds,
            IgnorePaused = options.IgnorePaused,
            PlainLineFeeds = !options.Detach,
            Cgroups = options.Cgroups,
            Warn = context.Log.Warn,
        });
        if (options.ConsoleSocket is { } socket && launched.PtyMaster is { } master)
        {
            CreateCommand.SendConsole(socket, master);
        }

        if (options.PidFdSocket is { } pidFdSocket)
        {
            CreateCommand.SendPidFd(pidFdSocket, launched.PidFd);
        }

        if (options.PidFile is { } file)
        {
            CreateCommand.WritePidFile(file, launched.Pid);
        }

        return session?.Follow(launched.PidFd, launched.PtyMaster).ShellStatus ?? 0;
    }

    private static Options Read(CommandLineReader reader)
    {
        Options options = new();
        while (reader.NextOption())
        {
            ReadOne(options, reader);
        }

        return options;
    }

    private static void ReadOne(Options options, CommandLineReader reader)
    {
        switch (reader.Option)
        {
            case "process" or "p":
                options.ProcessFile = reader.Value();
                break;
            case "tty" or "t":
                options.Tty = reader.Flag();
                break;
            case "cwd":
                options.Cwd = reader.Value();
                break;
            case "env" or "e":
                options.Env.Add(reader.Value());
                break;
            case "user" or "u":
                options.User = reader.Value();
                break;
            case "additional-gids" or "g":
                options.AdditionalGids.Add((uint)reader.Number());
                break;
            case "cap" or "c":
                options.Capabilities.Add(reader.Value());
                break;
            case "no-new-privs":
                options.NoNewPrivileges = reader.Flag();
                break;
            case "apparmor":
                options.Apparmor = reader.Value();
                break;
            case "process-label":
                options.ProcessLabel = reader.Value();
                break;
            case "pid-file":
                options.PidFile = reader.Value();
                break;
            case "console-socket":
                options.ConsoleSocket = reader.Value();
                break;
            case "detach" or "d":
                options.Detach = reader.Flag();
                break;
            case "ignore-paused":
                options.IgnorePaused = reader.Flag();
                break;
            case "cgroup":
                options.Cgroups.Add(reader.Value());
                break;
            case "pidfd-socket":
                options.PidFdSocket = reader.Value();
                break;
            case "preserve-fds":
                options.PreserveFds = reader.Number();
                break;
            default:
                throw reader.Unknown("exec");
        }
    }

    private static ProcessSpec ProcessOf(Options options, StoredContainer container, string[] arguments)
    {
        if (options.ProcessFile is { } file)
        {
            return BundleReader.ReadProcess(file);
        }

        // As runc: the container's own process with what the options change.
        ProcessSpec process = container.Spec.Process ?? new ProcessSpec();
        process.Args = [.. arguments];
        process.Terminal = options.Tty ?? false;
        process.Cwd = options.Cwd is null or ['/', ..] ? options.Cwd ?? process.Cwd : throw new RuntimeException(ErrorKind.Invalid, "Cwd must be an absolute path");
        process.Env = [.. process.Env ?? [], .. options.Env];
        process.NoNewPrivileges |= options.NoNewPrivileges;
        process.ApparmorProfile = options.Apparmor ?? process.ApparmorProfile;
        process.SelinuxLabel = options.ProcessLabel ?? process.SelinuxLabel;
        process.User.AdditionalGids = [.. process.User.AdditionalGids ?? [], .. options.AdditionalGids];
        if (options.User is { } user)
        {
            string[] ids = user.Split(':', 2);
            process.User.Uid = ParseId(ids[0], user);
            process.User.Gid = ids.Length == 2 ? ParseId(ids[1], user) : process.User.Gid;
        }

        AddCapabilities(process, options.Capabilities);
        return process;
    }

    private static void AddCapabilities(ProcessSpec process, List<string> names)
    {
        if (names.Count == 0)
        {
            return;
        }

        CapabilitySets sets = process.Capabilities ??= new CapabilitySets();
        sets.Bounding = [.. sets.Bounding ?? [], .. names];
        sets.Effective = [.. sets.Effective ?? [], .. names];
        sets.Permitted = [.. sets.Permitted ?? [], .. names];

        // As runc: ambient needs inheritable (capabilities(7)), which the option does not set.
        if (sets.Inheritable is { Count: > 0 })
        {
            sets.Ambient = [.. sets.Ambient ?? [], .. names];
        }
    }

    private static uint ParseId(string text, string user)
        => uint.TryParse(text, CultureInfo.InvariantCulture, out uint id) ? id : throw new RuntimeException(ErrorKind.Invalid, $"--user \"{user}\" is not of the form UID[:GID]");
}
