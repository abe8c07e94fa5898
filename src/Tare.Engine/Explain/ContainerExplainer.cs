using System.Globalization;
using Tare.Engine.Containers;
using Tare.Engine.Lifecycle;
using Tare.Engine.Specs;
using Tare.Engine.Volumes;
using Tare.Linux.Cgroups;
using Tare.Network.Shaping;

namespace Tare.Engine.Explain;

/// <summary>Reads from /proc, /sys/fs/cgroup and the disk what a container is made of.</summary>
/// <param name="parts">The engine's parts.</param>
internal sealed class ContainerExplainer(EngineParts parts)
{
    private static readonly string[] s_namespaces = ["mnt", "pid", "net", "ipc", "uts", "cgroup", "user", "time"];

    /// <summary>Explains a container. What ends while it is being looked at is left out.</summary>
    public ContainerExplanation Explain(Container container)
    {
        ContainerSnapshot snapshot = container.Snapshot;
        int pid = snapshot.State.IsAlive ? snapshot.State.Pid : 0;
        string process = string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}");
        return new ContainerExplanation
        {
            Id = snapshot.Id,
            Name = snapshot.Name,
            Image = snapshot.Config.Image,
            State = new ExplainedState(snapshot.State.Status.ToString().ToLowerInvariant(), pid, snapshot.State.StartedAt),
            Process = pid == 0 ? null : ProcessOf(process),
            Namespaces = pid == 0 ? [] : NamespacesOf(process),
            Cgroups = pid == 0 ? [] : CgroupReader.Read(process),
            Layers = LayersOf(container),
            Mounts = pid == 0 ? [] : MountsOf(process, snapshot),
            Network = NetworkOf(container, snapshot),
            Shim = pid == 0 ? null : new ExplainedShim(container.ShimPid, parts.Paths.Shim(container.Id) + "/shim.log"),
        };
    }

    private static ExplainedProcess ProcessOf(string process)
    {
        Dictionary<string, string> status = [];
        foreach (string line in Machine.OsRelease.ReadText(process + "/status").Split('\n'))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
            {
                status[line[..colon]] = line[(colon + 1)..].Trim();
            }
        }

        string Id(string key) => status.GetValueOrDefault(key, "").Split('\t')[0];
        return new ExplainedProcess(
            Machine.OsRelease.ReadText(process + "/cmdline").Split('\0', StringSplitOptions.RemoveEmptyEntries),
            $"{Id("Uid")}:{Id("Gid")}",
            LinkOf(process + "/cwd"),
            CapabilitiesOf(status.GetValueOrDefault("CapEff", "0")),
            status.GetValueOrDefault("NoNewPrivs") == "1",
            status.GetValueOrDefault("Seccomp") switch { "1" => "strict", "2" => "filter", _ => "disabled" });
    }

    private static List<string> CapabilitiesOf(string hex)
    {
        ulong bits = ulong.TryParse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong value) ? value : 0;
        return [.. Capabilities.All.Where((_, bit) => (bits & (1UL << bit)) != 0)];
    }

    private static List<ExplainedNamespace> NamespacesOf(string process)
    {
        List<ExplainedNamespace> namespaces = [];
        foreach (string type in s_namespaces)
        {
            string link = LinkOf($"{process}/ns/{type}");
            int open = link.IndexOf('[', StringComparison.Ordinal);
            if (open > 0 && ulong.TryParse(link.AsSpan(open + 1).TrimEnd(']'), NumberStyles.None, CultureInfo.InvariantCulture, out ulong inode))
            {
                namespaces.Add(new ExplainedNamespace(type, inode, link == LinkOf("/proc/self/ns/" + type)));
            }
        }

        return namespaces;
    }

    private List<ExplainedLayer> LayersOf(Container container)
    {
        string upper = parts.Paths.Container(container.Id) + "/upper";
        List<ExplainedLayer> layers = [new ExplainedLayer("", upper, Directory.Exists(upper) ? FolderSize.Of(upper) : 0, "writable")];
        Images.ImageRecord? image = parts.Images.TryGet(container.Document.ImageId);
        for (int i = container.Document.ChainIds.Count - 1; i >= 0; i--)
        {
            string chainId = container.Document.ChainIds[i];
            long size = image is not null && i < image.Document.LayerSizes.Count ? image.Document.LayerSizes[i] : 0;
            layers.Add(new ExplainedLayer(chainId, parts.Paths.Layer(chainId), size, "image"));
        }

        return layers;
    }

    /// <summary>Reads mountinfo (proc_pid_mountinfo(5)); what the user mounted is named by its kind and its source on the host.</summary>
    private static List<ExplainedMount> MountsOf(string process, ContainerSnapshot snapshot)
    {
        List<ExplainedMount> mounts = [];
        foreach (string line in Machine.OsRelease.ReadText(process + "/mountinfo").Split('\n'))
        {
            string[] words = line.Split(' ');
            int separator = Array.IndexOf(words, "-");
            if (separator < 6 || words.Length < separator + 3)
            {
                continue;
            }

            string target = CgroupHierarchies.Unescape(words[4]);
            MountPoint? users = snapshot.Mounts.FirstOrDefault(m => m.Destination == target);
            bool isBind = words[3] != "/";
            mounts.Add(new ExplainedMount(
                target,
                users?.Type ?? words[separator + 1],
                users is { Source.Length: > 0 } ? users.Source : isBind ? CgroupHierarchies.Unescape(words[3]) : CgroupHierarchies.Unescape(words[separator + 2]),
                words[5]));
        }

        return mounts;
    }

    private ExplainedNetwork NetworkOf(Container container, ContainerSnapshot snapshot)
    {
        BandwidthLimits limits = parts.Networks.ReadLimits(container);
        string mode = snapshot.HostConfig.NetworkMode;
        EndpointSettings? endpoint = snapshot.Networks.GetValueOrDefault(mode);
        return endpoint is { IPAddress.Length: > 0 }
            ? new ExplainedNetwork(mode, "eth0", endpoint.IPAddress, endpoint.IPPrefixLen, endpoint.Gateway, endpoint.MacAddress, container.Network?.HostInterface ?? "", limits.IngressBitsPerSecond, limits.EgressBitsPerSecond)
            : new ExplainedNetwork(mode, "", "", 0, "", "", "", 0, 0);
    }

    private static string LinkOf(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget ?? "";
        }
        catch (IOException)
        {
            return "";
        }
        catch (UnauthorizedAccessException)
        {
            return "";
        }
    }
}
