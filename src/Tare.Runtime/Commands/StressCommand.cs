using System.Globalization;
using Tare.Linux.Interop;
using Tare.Linux.Processes;
using Tare.Runtime.Containers;
using Tare.Runtime.Plan;

namespace Tare.Runtime.Commands;

/// <summary>
/// <c>stress-clones COUNT</c>, for tests and not listed in the help: clones that often, allocating in between, so that collections happen. A child
/// that waited for a collection of its parent would hang, and with it this command.
/// </summary>
internal static class StressCommand
{
    private const int StepsOfAChild = 50;
    private const int GarbagePerClone = 64;
    private const int GarbageSize = 4096;

    /// <summary>Runs the command.</summary>
    public static int Run(CommandLineReader reader)
    {
        string text = reader.Single("stress-clones", "how many clones");
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count))
        {
            throw new RuntimeException(ErrorKind.Invalid, $"\"{text}\" is no number");
        }

        byte[]?[] kept = new byte[GarbagePerClone][];
        for (int i = 0; i < count; i++)
        {
            for (int piece = 0; piece < GarbagePerClone; piece++)
            {
                kept[(i + piece) % GarbagePerClone] = new byte[GarbageSize];
            }

            CloneOnce();
        }

        MessageLog.WriteStdout(string.Create(CultureInfo.InvariantCulture, $"{count} clones, {GC.CollectionCount(0)} collections\n"));
        return 0;
    }

    private static void CloneOnce()
    {
        List<Slot> slots = [];
        PlanMemory memory = new();
        PlanBuilder parent = new(memory, slots, PlanBuilder.UsualOfParent, explain: false);
        PlanBuilder child = new(memory, slots, PlanBuilder.UsualOfChild, explain: false);
        for (int step = 0; step < StepsOfAChild; step++)
        {
            child.Call("read", Syscalls.Read, "nothing", -1, 0, 0).Tolerant();
        }

        child.Add(StepKind.Sync, "sync", "ready", PlanExecutor.SyncReady, 0);
        using SetupPlan plan = new(memory, slots, parent, child, 0, null);
        using LaunchedChild launched = PlanLauncher.Launch(plan, null, static (errno, _) => new RuntimeException(ErrorKind.Step, errno.ToString()), static (_, _) => { });
        ChildReaper.Wait(launched.PidFd);
    }
}
