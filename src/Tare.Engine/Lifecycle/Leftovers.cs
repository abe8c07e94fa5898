using Tare.Runtime.Containers;

namespace Tare.Engine.Lifecycle;

/// <summary>Removes what a killed shim or a killed daemon left in the kernel and on the disk.</summary>
internal static class Leftovers
{
    /// <summary>Kills the processes of a container whose shim is gone, and removes its cgroups and runtime state.</summary>
    public static void Destroy(EngineParts parts, string id)
    {
        if (!Directory.Exists($"{parts.Paths.Runtime}/{id}"))
        {
            return;
        }

        try
        {
            new ContainerStore(parts.Paths.Runtime).Delete(id, force: true);
            Log.LeftoverRemoved(parts.Log, $"{parts.Paths.Runtime}/{id}");
        }
        catch (RuntimeException e)
        {
            Log.LeftoverStays(parts.Log, $"{parts.Paths.Runtime}/{id}", e);
        }
    }
}
