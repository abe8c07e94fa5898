using Tare.Linux.Interop;
using Tare.Linux.Processes;
using Tare.Runtime.Containers;

namespace Tare.Runtime.Commands;

/// <summary><c>run</c>: create, start, wait, delete; the exit code is the process's.</summary>
internal static class RunCommand
{
    /// <summary>Runs the command.</summary>
    public static int Run(CommandContext context, CommandLineReader reader)
    {
        RunOptions options = RunOptions.Read("run", reader);
        ListenDescriptors.Check(options.PreserveFds);
        ProgramGuard.Enter();
        using ForegroundSession? session = options.Detach ? null : new ForegroundSession();
        using NotifySocket? notify = NotifySocket.FromEnvironment(context.Options.Root, options.Id, context.Log.Warn);
        using CreatedContainer container = CreateCommand.Create(context, options, gate: false, options.Detach, notify);
        try
        {
            container.WaitForExec();
            if (options.Detach)
            {
                notify?.Await(container.Pid, container.PidFd);
                return 0;
            }

            ExitStatus status = session!.Follow(container.PidFd, container.PtyMaster, notify);
            if (!options.Keep)
            {
                ContainerStore.Destroy(container.Stored, context.Log.Warn);
            }

            return status.ShellStatus;
        }
        catch
        {
            container.PidFd.TrySendSignal(Libc.SIGKILL);
            ContainerStore.Destroy(container.Stored, context.Log.Warn);
            throw;
        }
    }
}
