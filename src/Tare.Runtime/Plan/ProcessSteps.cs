using System.Runtime.InteropServices;
using Tare.Linux;
using Tare.Linux.Capabilities;
using Tare.Linux.Interop;
using Tare.Linux.Processes;
using Tare.Linux.Seccomp;
using Tare.Oci.Runtime;

namespace Tare.Runtime.Plan;

/// <summary>The steps that shape the process itself; the same for a container's first process and for one that joins it.</summary>
internal sealed unsafe class ProcessSteps(PlanBuilder child, ProcessSpec process, CapabilitySet available, int lastCapability)
{
    // linux/prctl.h, linux/capability.h, linux/seccomp.h, linux/keyctl.h
    private const int PrSetDumpable = 4;
    private const int PrSetKeepCaps = 8;
    private const int PrCapbsetDrop = 24;
    private const int PrSetNoNewPrivs = 38;
    private const int PrCapAmbient = 47;
    private const int PrCapAmbientRaise = 2;
    private const int PrCapAmbientClearAll = 4;
    private const uint NoId = uint.MaxValue; // for the kernel -1: "leave it as it is", which is root (setresuid(2))
    private const uint CapabilityVersion3 = 0x20080522;
    private const int SetModeFilter = 1;
    private const int JoinSessionKeyring = 1;
    private const int SetKeyPermissions = 5;
    private const uint SearchableKeyring = 0x3f1b0000; // the possessor everything, the user view, read, search and link
    private const int CloseRangeCloseOnExec = 4;
    private const int SigPipe = 13;

    /// <summary>First of all: no descriptor survives execve by accident, and nobody inside can look into this process (ptrace(2), access mode checks).</summary>
    /// <param name="child">The child's stage.</param>
    /// <param name="program">The program to take on in place of the host's; null for none.</param>
    /// <param name="arguments">The command line to show for it.</param>
    /// <param name="visible">Leaves the process visible until <see cref="Hide"/>: a parent without privileges could not write its id maps else.</param>
    public static void Begin(PlanBuilder child, OwnProgram? program, IReadOnlyList<string> arguments, bool visible = false)
    {
        child.Call("close_range", Syscalls.CloseRange, "descriptors from 3 on", 3, uint.MaxValue, CloseRangeCloseOnExec).Detail("close-on-exec").Ignoring(Errno.ENOSYS, Errno.EINVAL);
        if (!visible)
        {
            Hide(child);
        }

        program?.AddSteps(child, arguments);
        child.Call("setsid", Syscalls.Setsid, "session").Ignoring(Errno.EPERM);
    }

    /// <summary>Nobody inside can look into this process from now on.</summary>
    public static void Hide(PlanBuilder child) => child.Call("prctl", Syscalls.Prctl, "not dumpable", PrSetDumpable, 0, 0, 0, 0);

    /// <summary>Makes the files of /proc/self this process's own, until <see cref="Hide"/>.</summary>
    public static void Show(PlanBuilder child) => child.Call("prctl", Syscalls.Prctl, "dumpable", PrSetDumpable, 1, 0, 0, 0);

    /// <summary>Standard streams: the caller's descriptors, or a terminal whose master goes to the caller.</summary>
    /// <param name="descriptors">The caller's descriptors; null leaves 0 to 2.</param>
    /// <param name="terminalSocket">The socket for the terminal's master; -1 without a terminal.</param>
    /// <param name="root">The container's root.</param>
    /// <param name="nullStreams">
    /// Bit i: stream i is the host's /dev/null and becomes the container's (as runc), so that the process holds no file of a mount outside, which
    /// security modules refuse and a checkpoint cannot name.
    /// </param>
    /// <param name="plainLineFeeds">Whether a terminal passes line feeds on without a carriage return.</param>
    public void Streams(IReadOnlyList<int>? descriptors, int terminalSocket, Slot root, int nullStreams = 0, bool plainLineFeeds = false)
    {
        if (process.Terminal)
        {
            new TerminalSteps(child, process).Make(root, terminalSocket, plainLineFeeds);
            return;
        }

        for (int i = 0; i < (descriptors?.Count ?? 0); i++)
        {
            if (descriptors![i] != i && (nullStreams & (1 << i)) == 0)
            {
                child.Call("dup3", Syscalls.Dup3, $"descriptor {i}", descriptors[i], i, 0);
            }
        }

        if (nullStreams != 0)
        {
            NullStreams(root, nullStreams);
        }
    }

    private void NullStreams(Slot root, int streams)
    {
        Slot nothing = child.NewSlot("/dev/null");
        child.OpenInRoot(root, "/dev/null", Libc.O_RDWR, nothing);
        for (int i = 0; i < 3; i++)
        {
            if ((streams & (1 << i)) != 0)
            {
                child.Call("dup3", Syscalls.Dup3, $"descriptor {i}", nothing, i, 0);
            }
        }

        child.Call("close", Syscalls.Close, nothing.Name, nothing);
    }

    /// <summary>Resource limits. They were checked and clamped by the caller.</summary>
    public void Limits()
    {
        HashSet<int> seen = [];
        foreach (Rlimit limit in process.Rlimits ?? [])
        {
            int number = ResourceLimits.NumberOf(limit.Type) ?? throw new ArgumentException($"rlimit type \"{limit.Type}\" is unknown");
            if (!seen.Add(number))
            {
                throw new ArgumentException($"rlimit type \"{limit.Type}\" is given twice");
            }

            ulong* values = (ulong*)child.Memory.Allocate(2 * sizeof(ulong));
            values[0] = limit.Soft;
            values[1] = limit.Hard;
            child.Call("prlimit64", Syscalls.Prlimit64, $"{limit.Type} soft {Words(limit.Soft)} hard {Words(limit.Hard)}", 0, number, (nint)values, 0);
        }
    }

    /// <summary>Labels of the security modules, taken on at execve.</summary>
    public void Labels(Slot proc)
    {
        if (!string.IsNullOrEmpty(process.ApparmorProfile))
        {
            child.WriteProc(proc, "self/attr/apparmor/exec", "exec " + process.ApparmorProfile);
        }

        if (!string.IsNullOrEmpty(process.SelinuxLabel))
        {
            child.WriteProc(proc, "self/attr/exec", process.SelinuxLabel);
        }
    }

    /// <summary>The working directory, made where it is missing.</summary>
    public void MakeWorkingDirectory(Slot root)
    {
        if (process.Cwd.Length == 0 || process.Cwd[0] != '/')
        {
            throw new ArgumentException($"process.cwd \"{process.Cwd}\" is not absolute");
        }

        child.EnsureTarget(root, process.Cwd, directory: true);
    }

    /// <summary>
    /// A session keyring of the container's own, so that it sees none of the host's keys (keyrings(7)). Its user may search it, so that the
    /// processes that join the container find it by its name.
    /// </summary>
    public void JoinKeyring(string id)
    {
        Slot keyring = child.NewSlot("session keyring");
        child.Call("keyctl", Syscalls.Keyctl, $"session keyring {FileSteps.Quote("_ses." + id)}", JoinSessionKeyring, child.Memory.String("_ses." + id)).Into(keyring).Tolerant();
        child.Call("keyctl", Syscalls.Keyctl, keyring.Name, SetKeyPermissions, keyring, SearchableKeyring).Detail("searchable").When(keyring, StepCondition.Succeeded).Tolerant();
    }

    /// <summary>No privileges by set-user-id programs, where asked for.</summary>
    public void NoNewPrivileges()
    {
        if (process.NoNewPrivileges)
        {
            child.Call("prctl", Syscalls.Prctl, "no_new_privs", PrSetNoNewPrivs, 1, 0, 0, 0);
        }
    }

    /// <summary>The system call filter.</summary>
    /// <param name="program">The filter; null for none.</param>
    /// <param name="flags">SECCOMP_FILTER_FLAG_… of the filter.</param>
    /// <param name="notifies">Whether it has a listener, which the parent takes over.</param>
    /// <param name="socket">Where the listener is sent, for a parent that may not take it (pidfd_getfd(2)); -1 leaves it to be taken.</param>
    public void Seccomp(SockFilter[]? program, uint flags, bool notifies, int socket = -1)
    {
        if (program is null)
        {
            return;
        }

        nint instructions = child.Memory.Copy<SockFilter>(program);
        nint filter = child.Memory.Copy(new SockFprog((ushort)program.Length, instructions));
        PlanBuilder.StepHandle load = child.Call("seccomp", Syscalls.Seccomp, $"filter of {program.Length} instructions", SetModeFilter, flags, filter);
        if (notifies)
        {
            Slot listener = child.NewSlot("seccomp listener");
            load.Into(listener);
            if (socket >= 0)
            {
                child.SendToParent(listener, socket, "seccomp listener");
            }

            child.Add(StepKind.Sync, "sync", "listener", PlanExecutor.SyncListener, 1, listener);
            child.Call("close", Syscalls.Close, "the seccomp listener", listener);
        }
    }

    /// <summary>Ids, capabilities, mask and working directory.</summary>
    public void TakeIdentity()
    {
        User user = process.User;
        Slot here = child.NewSlot("working directory");
        nint cwd = child.Memory.String(process.Cwd);
        // Root may enter what the user may not; where root may not (a file system of another's), the user may.
        child.Call("chdir", Syscalls.Chdir, FileSteps.Quote(process.Cwd), cwd).Into(here).Tolerant();
        CapabilitySet bounding = Set(process.Capabilities?.Bounding);
        for (int number = 0; number <= lastCapability; number++)
        {
            if (!bounding.Contains(number) && available.Contains(number))
            {
                child.Call("prctl", Syscalls.Prctl, NameOf(number), PrCapbsetDrop, number, 0, 0, 0).Detail("drop from the bounding set");
            }
        }

        child.Call("prctl", Syscalls.Prctl, "keep capabilities", PrSetKeepCaps, 1, 0, 0, 0);
        SetIds(user);
        SetCapabilities();
        child.Call("chdir", Syscalls.Chdir, FileSteps.Quote(process.Cwd), cwd).When(here, StepCondition.Failed);
        child.Add(StepKind.VerifyWorkingDirectory, "getcwd", "the working directory is inside the root");
    }

    /// <summary>Signals as a program expects them: none blocked, none ignored.</summary>
    /// <param name="ignored">What this process ignores, beside the broken pipe.</param>
    public void ResetSignals(IReadOnlyList<int> ignored)
    {
        byte* action = child.Memory.Allocate(32); // struct sigaction of the kernel: SIG_DFL is all zero
        child.Call("rt_sigaction", Syscalls.RtSigaction, "SIGPIPE", SigPipe, (nint)action, 0, sizeof(ulong)).Detail("default");
        foreach (int signal in ignored)
        {
            if (signal != SigPipe)
            {
                child.Call("rt_sigaction", Syscalls.RtSigaction, $"signal {signal}", signal, (nint)action, 0, sizeof(ulong)).Detail("default");
            }
        }

        byte* mask = child.Memory.Allocate(sizeof(ulong));
        child.Call("rt_sigprocmask", Syscalls.RtSigprocmask, "none blocked", Libc.SIG_SETMASK, (nint)mask, 0, sizeof(ulong));
    }

    private void SetIds(User user)
    {
        uint[] groups = [.. user.AdditionalGids ?? []];
        if (user.Uid == NoId || user.Gid == NoId || groups.Contains(NoId))
        {
            throw new ArgumentException($"process.user: {NoId} is no id");
        }

        PlanBuilder.StepHandle setgroups = child.Call("setgroups", Syscalls.Setgroups, string.Join(' ', groups), groups.Length, child.Memory.Copy<uint>(groups));
        if (groups.Length == 0)
        {
            setgroups.Ignoring(Errno.EPERM); // denied in a user namespace that an unprivileged user made
        }

        child.Call("setresgid", Syscalls.Setresgid, $"{user.Gid}", user.Gid, user.Gid, user.Gid);
        child.Call("setresuid", Syscalls.Setresuid, $"{user.Uid}", user.Uid, user.Uid, user.Uid);
        if (user.Umask is { } umask)
        {
            child.Call("umask", Syscalls.Umask, Convert.ToString(umask, 8), umask);
        }
    }

    private void SetCapabilities()
    {
        CapabilitySet effective = Set(process.Capabilities?.Effective);
        CapabilitySet permitted = Set(process.Capabilities?.Permitted);
        CapabilitySet inheritable = Set(process.Capabilities?.Inheritable);
        nint header = child.Memory.Copy(new CapHeader(CapabilityVersion3, 0));
        nint data = child.Memory.Copy<uint>([(uint)effective.Bits, (uint)permitted.Bits, (uint)inheritable.Bits,
            (uint)(effective.Bits >> 32), (uint)(permitted.Bits >> 32), (uint)(inheritable.Bits >> 32)]);
        child.Call("capset", Syscalls.Capset, $"effective {effective} permitted {permitted} inheritable {inheritable}", header, data);
        child.Call("prctl", Syscalls.Prctl, "ambient capabilities", PrCapAmbient, PrCapAmbientClearAll, 0, 0, 0).Detail("clear").Ignoring(Errno.EINVAL);
        CapabilitySet ambient = Set(process.Capabilities?.Ambient).Intersect(permitted).Intersect(inheritable);
        for (int number = 0; number <= lastCapability; number++)
        {
            if (ambient.Contains(number))
            {
                child.Call("prctl", Syscalls.Prctl, NameOf(number), PrCapAmbient, PrCapAmbientRaise, number, 0, 0).Detail("ambient");
            }
        }
    }

    // Unknown or ungrantable capabilities are passed over; the caller warns of them (config.md, Linux process: SHOULD NOT fail).
    private CapabilitySet Set(List<string>? names)
    {
        CapabilitySet set = CapabilitySet.Empty;
        foreach (string name in names ?? [])
        {
            if (CapabilitySet.NumberOf(name) is { } number && number <= lastCapability)
            {
                set = set.With(number);
            }
        }

        return set.Intersect(available);
    }

    private static string NameOf(int number) => number < CapabilitySet.Names.Count ? CapabilitySet.Names[number] : $"capability {number}";

    private static string Words(ulong limit) => limit == ulong.MaxValue ? "unlimited" : limit.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>struct __user_cap_header_struct.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct CapHeader(uint Version, int Pid);

    /// <summary>struct sock_fprog.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct SockFprog(ushort Length, nint Filter);
}
