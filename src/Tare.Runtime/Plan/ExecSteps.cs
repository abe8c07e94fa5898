using Tare.Linux.Interop;
using Tare.Oci.Runtime;

namespace Tare.Runtime.Plan;

/// <summary>The end of a plan: finding the command as execvp(3) does, and executing it.</summary>
internal sealed class ExecSteps
{
    private const int MayExecute = 1; // X_OK
    private const int CloseRangeCloseOnExec = 4;

    private readonly PlanBuilder _child;
    private readonly List<string> _arguments;
    private readonly List<string> _environment;
    private readonly Slot _command;

    /// <summary>Prepares the vectors.</summary>
    /// <exception cref="ArgumentException">There is no command.</exception>
    public ExecSteps(PlanBuilder child, ProcessSpec process, string? home)
    {
        _child = child;
        _arguments = process.Args is { Count: > 0 } arguments ? arguments : throw new ArgumentException("process.args is empty");
        _environment = Environment(process.Env ?? [], home);
        _command = child.NewSlot("command");
        EnvironmentVector = child.Memory.StringArray(_environment);
    }

    /// <summary>The environment of the process, as execve takes it.</summary>
    public nint EnvironmentVector { get; }

    /// <summary>Looks the command up, so that a missing one is an error of create and not of start.</summary>
    public void LookUp()
    {
        string command = _arguments[0];
        if (command.Contains('/', StringComparison.Ordinal))
        {
            _child.Add(StepKind.SetSlot, "command", FileSteps.Quote(command), _child.Memory.String(command)).Into(_command);
            _child.Call("faccessat", Syscalls.FaccessAt, FileSteps.Quote(command), Libc.AT_FDCWD, _command, MayExecute).As(StepRole.Lookup);
            RefuseDirectory(command);
            return;
        }

        Slot found = _child.NewSlot("command found");
        foreach (string folder in PathOf(_environment))
        {
            string candidate = folder.Length == 0 ? "./" + command : $"{folder.TrimEnd('/')}/{command}";
            nint path = _child.Memory.String(candidate);
            _child.Add(StepKind.SetSlot, "command", FileSteps.Quote(candidate), path).Into(_command).When(found, StepCondition.Failed);
            _child.Call("faccessat", Syscalls.FaccessAt, FileSteps.Quote(candidate), Libc.AT_FDCWD, path, MayExecute).Into(found).Tolerant().When(found, StepCondition.Failed);
        }

        _child.Add(StepKind.Fail, "look-up", FileSteps.Quote(command), found.Number).When(found, StepCondition.Failed).As(StepRole.Lookup);
        RefuseDirectory(command);
    }

    // execve(2) says of a directory only that the permission is missing.
    private void RefuseDirectory(string command)
    {
        Slot directory = _child.NewSlot("command as a directory");
        Slot errno = _child.NewSlot("is a directory");
        _child.Call("openat", Syscalls.OpenAt, FileSteps.Quote(command), Libc.AT_FDCWD, _command, Libc.O_PATH | Libc.O_DIRECTORY | Libc.O_CLOEXEC, 0)
            .Into(directory).Tolerant().Detail("a directory?");
        _child.Add(StepKind.SetSlot, "look-up", FileSteps.Quote(command), -(int)Linux.Errno.EISDIR).Into(errno).When(directory, StepCondition.Succeeded);
        _child.Add(StepKind.Fail, "look-up", FileSteps.Quote(command), errno.Number).When(directory, StepCondition.Succeeded).As(StepRole.Lookup);
    }

    /// <summary>Executes the command.</summary>
    /// <param name="preserved">How many descriptors from 3 on stay open.</param>
    public void Execute(int preserved)
    {
        for (int descriptor = 3; descriptor < 3 + preserved; descriptor++)
        {
            _child.Call("fcntl", Syscalls.Fcntl, $"descriptor {descriptor}", descriptor, Libc.F_SETFD, 0).Detail("stays open").Ignoring(Linux.Errno.EBADF);
        }

        _child.Call("close_range", Syscalls.CloseRange, $"descriptors from {3 + preserved} on", 3 + preserved, uint.MaxValue, CloseRangeCloseOnExec)
            .Detail("close-on-exec").Tolerant();
        _child.Call("execve", Syscalls.Execve, string.Join(' ', _arguments), _command, _child.Memory.StringArray(_arguments), EnvironmentVector)
            .As(StepRole.Execute);
    }

    // The last of several values counts; HOME is the user's where the configuration names none or, as with runc, leaves it empty.
    private static List<string> Environment(List<string> given, string? home)
    {
        List<string> environment = [];
        Dictionary<string, int> places = new(StringComparer.Ordinal);
        foreach (string variable in given)
        {
            int equals = variable.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                throw new ArgumentException($"process.env \"{variable}\" is not of the form NAME=value");
            }

            string name = variable[..equals];
            if (places.TryGetValue(name, out int place))
            {
                environment[place] = variable;
            }
            else
            {
                places[name] = environment.Count;
                environment.Add(variable);
            }
        }

        if (!places.TryGetValue("HOME", out int own))
        {
            environment.Add("HOME=" + (home ?? "/"));
        }
        else if (home is not null && environment[own] == "HOME=")
        {
            environment[own] += home;
        }

        return environment;
    }

    private static string[] PathOf(List<string> environment)
        => environment.Find(variable => variable.StartsWith("PATH=", StringComparison.Ordinal)) is { } path ? path["PATH=".Length..].Split(':') : [];
}
