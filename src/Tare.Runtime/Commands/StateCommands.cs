using System.Globalization;
using System.Text;
using Tare.Linux;
using Tare.Linux.Interop;
using Tare.Linux.Processes;
using Tare.Oci.Runtime;
using Tare.Runtime.Containers;

namespace Tare.Runtime.Commands;

/// <summary>Commands on containers that exist: start, state, kill, delete, pause, resume, list.</summary>
internal static class StateCommands
{
    /// <summary><c>start</c>.</summary>
    public static int Start(CommandContext context, CommandLineReader reader)
    {
        NoOptions("start", reader);
        StoredContainer container = context.Store.Load(reader.Single("start", "the container's id"));
        ContainerStatus status = container.Status;
        if (status != ContainerStatus.Created)
        {
            throw new RuntimeException(ErrorKind.WrongState, status switch
            {
                ContainerStatus.Stopped => "cannot start a container that has stopped",
                ContainerStatus.Running => "cannot start an already running container",
                _ => $"cannot start a container in the {status.ToString().ToLowerInvariant()} state",
            });
        }

        using NotifySocket? notify = NotifySocket.FromEnvironment(context.Options.Root, container.Id, context.Log.Warn);
        notify?.Listen();
        container.OpenGate();
        container.RunPoststart();
        if (notify is not null)
        {
            using SafePidFd process = SafePidFd.Open(container.Pid);
            notify.Await(container.Pid, process);
        }

        return 0;
    }

    /// <summary><c>state</c>.</summary>
    public static int State(CommandContext context, CommandLineReader reader)
    {
        NoOptions("state", reader);
        StoredContainer container = context.Store.Load(reader.Single("state", "the container's id"));
        ContainerState state = container.ToState(container.Status);
        MessageLog.WriteStdout(Encoding.UTF8.GetString(RuntimeDocument.Write(state, indented: true)) + "\n");
        return 0;
    }

    /// <summary><c>kill</c>.</summary>
    public static int Kill(CommandContext context, CommandLineReader reader)
    {
        bool all = false;
        while (reader.NextOption())
        {
            all = reader.Option is "all" or "a" ? reader.Flag() : throw reader.Unknown("kill");
        }

        string[] rest = reader.Rest();
        if (rest.Length is 0 or > 2)
        {
            throw new RuntimeException(ErrorKind.Invalid, "tare-runtime: \"kill\" requires a minimum of 1 argument: the container's id and a signal");
        }

        int signal = SignalNames.Parse(rest.Length == 2 ? rest[1] : "SIGTERM");
        StoredContainer container = context.Store.Load(rest[0]);
        ContainerStatus status = container.Status;

        // As runc: without a pid namespace of its own the container's processes outlive its first one, so that this signal is for all of them.
        if (signal == Libc.SIGKILL && !container.HasOwnPids)
        {
            return container.Cgroup.Signal(signal) || all ? 0 : throw new RuntimeException(ErrorKind.WrongState, "container not running");
        }

        if (status == ContainerStatus.Stopped && !all)
        {
            throw new RuntimeException(ErrorKind.WrongState, "container not running");
        }

        // Nothing of the user runs yet. What waits there is PID 1 of its namespace, for which the kernel drops a signal without a handler.
        if (status == ContainerStatus.Created && signal is Libc.SIGHUP or Libc.SIGINT or Libc.SIGQUIT or Libc.SIGTERM)
        {
            signal = Libc.SIGKILL;
        }

        if (all)
        {
            if (!container.Cgroup.Signal(signal) && status != ContainerStatus.Stopped)
            {
                _ = Libc.kill(container.Pid, signal);
            }
        }
        else if (Libc.kill(container.Pid, signal) != 0)
        {
            throw LinuxException.Last("kill", container.Id);
        }

        if (signal == Libc.SIGKILL && status == ContainerStatus.Paused)
        {
            container.Cgroup.Thaw(); // a frozen process of cgroup v1 does not die
        }

        return 0;
    }

    /// <summary><c>delete</c>.</summary>
    public static int Delete(CommandContext context, CommandLineReader reader)
    {
        bool force = false;
        while (reader.NextOption())
        {
            force = reader.Option is "force" or "f" ? reader.Flag() : throw reader.Unknown("delete");
        }

        string id = reader.Single("delete", "the container's id");
        try
        {
            context.Store.Delete(id, force);
        }
        catch (RuntimeException failure) when (force && failure.Kind == ErrorKind.NotFound)
        {
            // Deleting by force what is not there is done already (as runc).
        }

        return 0;
    }

    /// <summary><c>pause</c> and <c>resume</c>.</summary>
    public static int Freeze(CommandContext context, CommandLineReader reader, bool freeze)
    {
        string command = freeze ? "pause" : "resume";
        NoOptions(command, reader);
        StoredContainer container = context.Store.Load(reader.Single(command, "the container's id"));
        ContainerStatus status = container.Status;
        if (freeze ? status is not (ContainerStatus.Running or ContainerStatus.Created) : status != ContainerStatus.Paused)
        {
            throw new RuntimeException(ErrorKind.WrongState, freeze ? "container not running" : "container not paused");
        }

        if (freeze)
        {
            container.Cgroup.Freeze();
        }
        else
        {
            container.Cgroup.Thaw();
        }

        return 0;
    }

    /// <summary><c>list</c>.</summary>
    public static int List(CommandContext context, CommandLineReader reader)
    {
        bool quiet = false;
        string format = "table";
        while (reader.NextOption())
        {
            switch (reader.Option)
            {
                case "quiet" or "q":
                    quiet = reader.Flag();
                    break;
                case "format" or "f":
                    format = reader.Value();
                    break;
                default:
                    throw reader.Unknown("list");
            }
        }

        reader.None("list");
        List<ContainerState> states = [.. context.Store.List().Select(container => container.ToState(container.Status))];
        MessageLog.WriteStdout(quiet ? string.Concat(states.Select(state => state.Id + "\n")) : format switch
        {
            "json" => Encoding.UTF8.GetString(RuntimeDocument.Write(states)) + "\n",
            "table" => Table(states),
            _ => throw new RuntimeException(ErrorKind.Invalid, $"invalid format option \"{format}\""),
        });
        return 0;
    }

    private static string Table(List<ContainerState> states)
    {
        List<string[]> rows = [["ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"]];
        rows.AddRange(states.Select(state => new[]
        {
            state.Id, state.Pid.ToString(CultureInfo.InvariantCulture), state.Status, state.Bundle, state.Created ?? "", state.Owner is { Length: > 0 } owner ? owner : "root",
        }));
        int[] widths = [.. Enumerable.Range(0, 6).Select(column => Math.Max(12, rows.Max(row => row[column].Length) + 3))];
        StringBuilder table = new();
        foreach (string[] row in rows)
        {
            table.Append(string.Concat(row.Select((cell, column) => column == 5 ? cell : cell.PadRight(widths[column]))).TrimEnd()).Append('\n');
        }

        return table.ToString();
    }

    private static void NoOptions(string command, CommandLineReader reader)
    {
        if (reader.NextOption())
        {
            throw reader.Unknown(command);
        }
    }
}
