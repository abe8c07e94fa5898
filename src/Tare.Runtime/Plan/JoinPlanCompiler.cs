using Tare.Linux.Capabilities;
using Tare.Linux.Interop;
using Tare.Linux.Namespaces;
using Tare.Oci.Runtime;
using Tare.Runtime.Containers;

namespace Tare.Runtime.Plan;

/// <summary>
/// Compiles the plan of a process that joins a running container: no mounts are made, all else is as for the first process. Pure, as
/// <see cref="PlanCompiler"/> is.
/// </summary>
internal static class JoinPlanCompiler
{
    /// <summary>Compiles.</summary>
    /// <exception cref="RuntimeException">The process document is wrong; the message names the field.</exception>
    public static SetupPlan Compile(JoinInputs inputs)
    {
        PlanMemory memory = new();
        try
        {
            return Compile(inputs, memory);
        }
        catch (Exception failure) when (failure is ArgumentException or FormatException)
        {
            memory.Dispose();
            throw new RuntimeException(ErrorKind.Invalid, "process: " + failure.Message, inner: failure);
        }
    }

    private static SetupPlan Compile(JoinInputs inputs, PlanMemory memory)
    {
        List<Slot> slots = [];
        PlanBuilder parent = new(memory, slots, PlanBuilder.UsualOfParent, explain: false);
        PlanBuilder child = new(memory, slots, PlanBuilder.UsualOfChild, explain: false);
        Slot proc = Open(parent, "/proc", Libc.O_PATH | Libc.O_DIRECTORY);
        List<Slot> cgroups = [.. inputs.Cgroups.Select(cgroup => Open(parent, cgroup.JoinFile, Libc.O_WRONLY))];
        List<(NamespaceType Type, Slot File)> namespaces = [];
        foreach (NamespaceType type in NamespaceFiles.All)
        {
            if ((inputs.Namespaces & type) != 0)
            {
                namespaces.Add((type, Open(parent, NamespaceFiles.PathOf(inputs.ContainerPid, type), Libc.O_RDONLY)));
            }
        }

        ProcessSteps.Begin(child, inputs.Program, []);
        SchedulingSteps scheduling = new(child);
        scheduling.Affinity(inputs.Process.ExecCpuAffinity?.Initial, "process.execCPUAffinity.initial");
        cgroups.ForEach(file => child.WriteTo(file, "0", file.Name));
        foreach ((NamespaceType type, Slot file) in namespaces)
        {
            if (type != NamespaceType.Pid || inputs.Unprivileged)
            {
                child.Call("setns", Syscalls.Setns, FileSteps.Quote(file.Name), file, (long)type).Detail($"{type}");
            }
        }

        Slot? pidNamespace = namespaces.Find(entry => entry.Type == NamespaceType.Pid).File;
        if (pidNamespace is not null && inputs.Unprivileged)
        {
            // Only from inside the user namespace may the pid namespace be joined, which is then that of children.
            pidNamespace = null;
            child.Add(StepKind.BecomeSibling, "clone3", "a process in the pid namespace");
            child.Call("setsid", Syscalls.Setsid, "session").Detail("of the new process, which else could take no terminal for its own");
        }

        // After the cgroup, which may narrow the first choice.
        if (string.IsNullOrEmpty(inputs.Process.ExecCpuAffinity?.Initial) && string.IsNullOrEmpty(inputs.Process.ExecCpuAffinity?.Final))
        {
            scheduling.AllProcessors();
        }

        scheduling.Affinity(inputs.Process.ExecCpuAffinity?.Final, "process.execCPUAffinity.final");
        Shape(inputs, child, proc);
        return new SetupPlan(memory, slots, parent, child, 0, pidNamespace);
    }

    private static void Shape(JoinInputs inputs, PlanBuilder child, Slot proc)
    {
        ProcessSpec spec = inputs.Process;
        bool entersUserNamespace = (inputs.Namespaces & NamespaceType.User) != 0;
        ProcessSteps process = new(child, spec, entersUserNamespace ? CapabilitySet.All : inputs.Bounding, inputs.LastCapability);
        // Joining a mount namespace makes its root this process's root (setns(2)).
        Slot root = child.NewSlot("root");
        child.Call("openat", Syscalls.OpenAt, "\"/\"", Libc.AT_FDCWD, child.Memory.String("/"), Libc.O_PATH | Libc.O_DIRECTORY | Libc.O_CLOEXEC, 0).Into(root);
        process.Streams(inputs.Descriptors, inputs.TerminalSocket, root, plainLineFeeds: inputs.PlainLineFeeds);
        process.Limits();
        new SchedulingSteps(child).Process(spec);
        process.Labels(proc);
        if (!inputs.NoNewKeyring)
        {
            process.JoinKeyring(inputs.ContainerId);
        }

        process.NoNewPrivileges();
        if (!spec.NoNewPrivileges)
        {
            process.Seccomp(inputs.Seccomp, inputs.SeccompFlags, inputs.SeccompNotifies, inputs.ListenerSocket);
        }

        process.TakeIdentity();
        ExecSteps exec = new(child, spec, inputs.Home);
        exec.LookUp();
        if (spec.NoNewPrivileges && inputs.SeccompNotifies)
        {
            process.Seccomp(inputs.Seccomp, inputs.SeccompFlags, notifies: true, inputs.ListenerSocket);
        }

        child.Add(StepKind.Sync, "sync", "ready", PlanExecutor.SyncReady, 0);
        process.ResetSignals(inputs.IgnoredSignals);
        if (spec.NoNewPrivileges && !inputs.SeccompNotifies)
        {
            process.Seccomp(inputs.Seccomp, inputs.SeccompFlags, notifies: false);
        }

        exec.Execute(inputs.PreservedDescriptors);
    }

    private static Slot Open(PlanBuilder parent, string path, int flags)
    {
        Slot slot = parent.NewSlot(path);
        parent.Call("openat", Syscalls.OpenAt, FileSteps.Quote(path), Libc.AT_FDCWD, parent.Memory.String(path), flags | Libc.O_CLOEXEC, 0).Into(slot);
        return slot;
    }
}
