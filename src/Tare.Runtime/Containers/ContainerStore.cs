using System.Text.Json;
using Tare.Linux;
using Tare.Linux.Cgroups;
using Tare.Linux.Interop;
using Tare.Oci.Runtime;
using Tare.Runtime.Cgroups;

namespace Tare.Runtime.Containers;

/// <summary>All containers below a state root, one folder each.</summary>
/// <param name="root">The state root; made when the first container is.</param>
public sealed class ContainerStore(string root)
{
    private const int MaximumIdLength = 1024;

    /// <summary>Loads a container.</summary>
    /// <exception cref="RuntimeException">There is none, or its state cannot be read.</exception>
    public StoredContainer Load(string id)
    {
        CheckId(id);
        return TryLoad(Path.Combine(root, id)) ?? throw new RuntimeException(ErrorKind.NotFound, $"container \"{id}\" does not exist");
    }

    /// <summary>All containers, by id.</summary>
    public IReadOnlyList<StoredContainer> List()
    {
        if (!Directory.Exists(root))
        {
            return [];
        }

        List<StoredContainer> found = [];
        foreach (string folder in Directory.EnumerateDirectories(root))
        {
            if (TryLoad(folder) is { } container)
            {
                found.Add(container);
            }
        }

        found.Sort((a, b) => string.CompareOrdinal(a.Id, b.Id));
        return found;
    }

    /// <summary>
    /// Deletes a container that has stopped, or with <paramref name="force"/> any: its processes are killed, its cgroup and its state folder are
    /// removed. Runs the poststop hooks.
    /// </summary>
    /// <exception cref="RuntimeException">There is none, it is not stopped, or its cgroup stays busy.</exception>
    public void Delete(string id, bool force)
    {
        if (force && DeleteUnfinished(id))
        {
            return;
        }

        StoredContainer container = Load(id);
        ContainerStatus status = container.Status;
        if (status is ContainerStatus.Running or ContainerStatus.Paused && !force)
        {
            throw new RuntimeException(ErrorKind.WrongState, $"cannot delete container {id} that is not stopped: {status.ToString().ToLowerInvariant()}");
        }

        Destroy(container);
    }

    // A folder without state.json is a creation that was killed half-way.
    private bool DeleteUnfinished(string id)
    {
        CheckId(id);
        string folder = Path.Combine(root, id);
        if (!Directory.Exists(folder) || File.Exists(Path.Combine(folder, "state.json")))
        {
            return false;
        }

        Cgroup cgroup = Cgroup.Open(CgroupHierarchies.Current, StoredContainer.NotedCgroup(folder, id));
        cgroup.KillAll();
        cgroup.Delete();
        Directory.Delete(folder, recursive: true);
        return true;
    }

    /// <summary>Removes what a container left: processes, cgroup, state folder. Runs the poststop hooks, whose failures are passed to <paramref name="warn"/>.</summary>
    /// <exception cref="RuntimeException">The cgroup stays busy.</exception>
    public static void Destroy(StoredContainer container, Action<string>? warn = null)
    {
        try
        {
            container.KillAll();
            if (container.SystemdUnit is { } unit)
            {
                SystemdScope.Stop(unit);
            }

            container.Cgroup.Delete();
            if (ClassOfService(container, warn) is { } rdt)
            {
                IntelRdt.Leave(IntelRdt.MountPoint(), rdt, container.Id);
            }
        }
        catch (Exception failure) when (failure is LinuxException or CgroupException)
        {
            throw new RuntimeException(ErrorKind.Step, failure.Message, inner: failure);
        }

        // The hooks stand in the folder that goes now.
        List<Hook> hooks = PoststopHooks(container, warn);
        ContainerState? state = hooks.Count == 0 ? null : container.ToState(ContainerStatus.Stopped);
        container.Remove();
        for (int i = 0; i < hooks.Count; i++)
        {
            try
            {
                HookRunner.Run([hooks[i]], state!, "poststop", first: i);
            }
            catch (RuntimeException failure)
            {
                warn?.Invoke(failure.Message); // the rest still run (runtime.md, Lifecycle)
            }
        }
    }

    private static LinuxIntelRdt? ClassOfService(StoredContainer container, Action<string>? warn)
    {
        try
        {
            return container.Spec.Linux?.IntelRdt;
        }
        catch (RuntimeException failure)
        {
            warn?.Invoke(failure.Message);
            return null;
        }
    }

    private static List<Hook> PoststopHooks(StoredContainer container, Action<string>? warn)
    {
        try
        {
            return container.Spec.Hooks?.Poststop ?? [];
        }
        catch (RuntimeException failure)
        {
            warn?.Invoke(failure.Message); // a damaged configuration must not keep a container from being deleted
            return [];
        }
    }

    /// <summary>Checks an id: letters, digits and <c>_ + - .</c>, at most 1024, and no name of a folder.</summary>
    /// <exception cref="RuntimeException">It is not of that form.</exception>
    public static void CheckId(string id)
    {
        bool valid = id.Length is > 0 and <= MaximumIdLength && id is not ("." or "..") && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '+' or '-' or '.');
        if (!valid)
        {
            throw new RuntimeException(ErrorKind.Invalid, $"invalid container ID format: \"{id}\"");
        }
    }

    /// <summary>Makes the folder of a new container.</summary>
    /// <exception cref="RuntimeException">There is a container with this id.</exception>
    internal string MakeFolder(string id)
    {
        CheckId(id);
        Directory.CreateDirectory(root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        string folder = Path.Combine(root, id);
        nint path = System.Runtime.InteropServices.Marshal.StringToCoTaskMemUTF8(folder);
        nint made = Libc.Syscall(Syscalls.MkdirAt, Libc.AT_FDCWD, path, 0x1C0); // 0700
        System.Runtime.InteropServices.Marshal.FreeCoTaskMem(path);
        if (made == 0)
        {
            return folder;
        }

        LinuxException failure = LinuxException.Last("mkdir", folder);
        throw failure.Errno == Errno.EEXIST ? new RuntimeException(ErrorKind.Invalid, $"container with given ID already exists: \"{id}\"", Errno.EEXIST) : failure;
    }

    private static StoredContainer? TryLoad(string folder)
    {
        string path = Path.Combine(folder, "state.json");
        try
        {
            return new StoredContainer(folder, StateDocument.Parse(File.ReadAllBytes(path)));
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException failure)
        {
            throw new RuntimeException(ErrorKind.Invalid, $"\"{path}\" is damaged at {failure.Path}: {failure.Message}", inner: failure);
        }
    }
}
