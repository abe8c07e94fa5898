using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Tare.Linux.Namespaces;
using Tare.Oci.Runtime;
using Tare.Runtime.Plan;

namespace Tare.Runtime.Containers;

/// <summary>Makes user namespaces that only stand for their id maps, as idmapped mounts need them (mount_setattr(2), MOUNT_ATTR_IDMAP).</summary>
internal static class UserNamespaceMaker
{
    /// <summary>Makes one: a child is born in it, gets the maps, and ends once the namespace is open here.</summary>
    /// <exception cref="RuntimeException">The kernel does not take the maps.</exception>
    public static SafeFileHandle Make(List<IdMapping> uids, List<IdMapping> gids)
    {
        List<Slot> slots = [];
        PlanMemory memory = new();
        PlanBuilder parent = new(memory, slots, PlanBuilder.UsualOfParent, explain: false);
        PlanBuilder child = new(memory, slots, PlanBuilder.UsualOfParent, explain: false);
        child.Add(StepKind.Sync, "sync", "id maps", PlanExecutor.SyncIdMaps, 1);
        child.Add(StepKind.Sync, "sync", "ready", PlanExecutor.SyncReady, 0);
        SafeFileHandle? file = null;
        using SetupPlan plan = new(memory, slots, parent, child, (ulong)NamespaceType.User, null);
        LaunchedChild launched = PlanLauncher.Launch(plan, null, static (errno, _) => new RuntimeException(ErrorKind.Step, errno.ToString()), (holder, _) =>
        {
            IdMaps.Write(holder.Pid, uids, gids);
            file = File.OpenHandle(string.Create(CultureInfo.InvariantCulture, $"/proc/{holder.Pid}/ns/user"));
        });
        launched.Abandon();
        return file!;
    }
}
