using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Tare.Engine.Errors;
using Tare.Engine.Layers;
using Tare.Engine.Lifecycle;
using Tare.Engine.State;
using Tare.Linux;
using Tare.Linux.Mounts;

namespace Tare.Engine.Volumes;

/// <summary>
/// Mounts of volumes whose options say what they are (<c>type</c>, <c>device</c>, <c>o</c>: tmpfs, nfs, a bind mount, a block device or a file that holds one's content).
/// One mount at the volume's folder serves all
/// containers that use it; it is made for the first and goes with the last. It outlives the daemon.
/// </summary>
/// <param name="paths">Where volumes lie.</param>
/// <param name="table">The volumes.</param>
/// <param name="containers">Who uses them.</param>
/// <param name="log">Where failures are told.</param>
internal sealed class VolumeMounts(EnginePaths paths, VolumeTable table, ContainerTable containers, ILogger log)
{
    private static readonly string[] s_options = ["type", "device", "o", "size"];

    private readonly Lock _lock = new();

    /// <summary>Checks options of the local driver.</summary>
    /// <exception cref="EngineException">InvalidArgument: one is unknown or missing (dockerd's words).</exception>
    public static void Check(string volume, IReadOnlyDictionary<string, string>? options)
    {
        foreach (string name in options?.Keys ?? [])
        {
            if (!s_options.Contains(name))
            {
                EngineErrors.ThrowInvalid($"create {volume}: invalid option: \"{name}\"");
            }
        }

        if (options is not { Count: > 0 })
        {
            return;
        }

        SizeOf(volume, options);
        if (!IsMount(options) && options.ContainsKey("size"))
        {
            return;
        }

        foreach (string name in (ReadOnlySpan<string>)["device", "type"])
        {
            if (string.IsNullOrEmpty(options.GetValueOrDefault(name)))
            {
                EngineErrors.ThrowInvalid($"create {volume}: missing required option: \"{name}\"");
            }
        }
    }

    /// <summary>Whether a volume is a mount.</summary>
    public bool IsMounted(string volume) => IsMount(table.TryGet(volume)?.Options);

    /// <summary>How many bytes a volume may hold; 0 for no limit.</summary>
    /// <exception cref="EngineException">InvalidArgument: the option is no size (dockerd's words).</exception>
    public static long SizeOf(string volume, IReadOnlyDictionary<string, string>? options)
    {
        try
        {
            return options?.GetValueOrDefault("size") is { } size ? LayerSize.Parse(size) : 0;
        }
        catch (FormatException e)
        {
            throw new EngineException(ErrorClass.InvalidArgument, $"create {volume}: {e.Message}", e);
        }
    }

    private static bool IsMount(IReadOnlyDictionary<string, string>? options) => options?.Keys.Any(static name => name != "size") == true;

    /// <summary>Makes sure that a volume is mounted.</summary>
    /// <exception cref="EngineException">Internal: it cannot be (dockerd's words).</exception>
    public void Acquire(string volume)
    {
        if (table.TryGet(volume)?.Options is not { } options || !IsMount(options))
        {
            return;
        }

        string target = paths.Volume(volume);
        string type = options.GetValueOrDefault("type") ?? "";
        string device = options.GetValueOrDefault("device") ?? "";
        string mountOptions = options.GetValueOrDefault("o") ?? "";
        lock (_lock)
        {
            if (NamedMount.IsMountPoint(target))
            {
                return;
            }

            try
            {
                if (VolumeImage.IsImage(type, device, mountOptions))
                {
                    VolumeImage.Mount(type, device, target, mountOptions);
                }
                else
                {
                    NamedMount.Make(type, device, target, WithAddress(type, mountOptions));
                }
            }
            catch (Exception e) when (e is LinuxException or SocketException or FormatException)
            {
                (nuint flags, string data) = NamedMount.Parse(mountOptions);
                string details = (flags != 0 ? $", flags: 0x{flags:x}" : "") + (data.Length > 0 ? $", data: {data}" : "");
                string reason = e is LinuxException linux ? linux.Errno.Describe() : e.Message;
                throw new EngineException(
                    ErrorClass.Internal, $"error while mounting volume '{target}': failed to mount local volume: mount {device}:{target}{details}: {reason}", e);
            }
        }
    }

    /// <summary>Takes away the mounts that a container used, unless another that runs uses them too.</summary>
    public void Release(Container container)
    {
        foreach (ContainerMount mount in container.Document.Mounts.Where(m => m.Type == "volume"))
        {
            ReleaseUnused(mount.Name);
        }
    }

    /// <summary>Takes a volume's mount away when no container that runs uses it.</summary>
    public void ReleaseUnused(string volume)
    {
        if (!IsMounted(volume))
        {
            return;
        }

        lock (_lock)
        {
            bool isUsed = containers.All.Any(c => c.State.IsAlive && c.Document.Mounts.Exists(m => m.Type == "volume" && m.Name == volume));
            string target = paths.Volume(volume);
            if (!isUsed && NamedMount.IsMountPoint(target) && !NamedMount.Remove(target))
            {
                Log.UnmountFailed(log, volume, LinuxException.Last("umount2", target));
            }
        }
    }

    /// <summary>The kernel's NFS and CIFS take addresses, users name hosts.</summary>
    private static string WithAddress(string type, string options)
    {
        if (type is not ("nfs" or "nfs4" or "cifs"))
        {
            return options;
        }

        return string.Join(',', options.Split(',').Select(option =>
        {
            const string Name = "addr=";
            return option.StartsWith(Name, StringComparison.Ordinal) && !IPAddress.TryParse(option.AsSpan(Name.Length), out _)
                ? Name + Dns.GetHostAddresses(option[Name.Length..])[0]
                : option;
        }));
    }
}
