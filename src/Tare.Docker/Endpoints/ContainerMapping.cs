using System.Globalization;
using Tare.Docker.Documents;
using Tare.Docker.Routing;
using Tare.Engine.Containers;
using Tare.Engine.Health;

namespace Tare.Docker.Endpoints;

/// <summary>Translates containers into the API's documents.</summary>
internal static class ContainerMapping
{
    /// <summary>The document of inspect, without sizes.</summary>
    public static ContainerDocument Inspect(ContainerSnapshot container)
    {
        string folder = container.Folder;
        return new ContainerDocument
        {
            Id = container.Id,
            Created = GoTime.Format(container.Created),
            Path = container.Path,
            Args = container.Args,
            State = State(container.State),
            Image = container.ImageId,
            ResolvConfPath = Path.Combine(folder, "resolv.conf"),
            HostnamePath = Path.Combine(folder, "hostname"),
            HostsPath = Path.Combine(folder, "hosts"),
            LogPath = container.LogPath,
            Name = "/" + container.Name,
            RestartCount = container.RestartCount,
            Platform = container.Platform,
            ExecIds = container.ExecIds.Count == 0 ? null : container.ExecIds,
            AppArmorProfile = container.AppArmorProfile,
            HostConfig = container.Links is { } links ? container.HostConfig.WithLinks([.. links]) : container.HostConfig,
            GraphDriver = GraphDriver(container),
            Mounts = [.. container.Mounts.Select(Mount)],
            Config = container.Config,
            NetworkSettings = NetworkSettings(container),
        };
    }

    /// <summary>The document of list, without sizes.</summary>
    /// <param name="container">The container.</param>
    /// <param name="now">The present, which the words of its state count from.</param>
    public static ContainerSummaryDocument Summary(ContainerSnapshot container, DateTimeOffset now) => new()
    {
        Id = container.Id,
        Names = ["/" + container.Name, .. container.LinkedNames.Select(name => "/" + name)],
        Image = container.ImageName.Length > 0 ? container.ImageName : container.Config.Image,
        ImageId = container.ImageId,
        Command = Command(container),
        Created = container.Created.ToUnixTimeSeconds(),
        Ports = Ports(container.Ports),
        Labels = container.Config.Labels ?? [],
        State = Word(container.State.Status),
        Status = StatusWords.Describe(container.State, now),
        HostConfig = new SummaryHostConfigDocument(container.HostConfig.NetworkMode, container.HostConfig.Annotations),
        NetworkSettings = new SummaryNetworkSettingsDocument(container.Networks),
        Mounts = [.. container.Mounts.Select(Mount)],
    };

    private static StateDocument State(ContainerState state) => new()
    {
        Status = Word(state.Status),
        // A paused container counts as running, a restarting one too.
        Running = state.Status is ContainerStatus.Running or ContainerStatus.Paused or ContainerStatus.Restarting,
        Paused = state.Status == ContainerStatus.Paused,
        Restarting = state.Status == ContainerStatus.Restarting,
        OomKilled = state.OomKilled,
        Dead = state.Status == ContainerStatus.Dead,
        Pid = state.Pid,
        ExitCode = state.ExitCode,
        Error = state.Error,
        StartedAt = GoTime.Format(state.StartedAt),
        FinishedAt = GoTime.Format(state.FinishedAt),
        Health = state.Health is { } health ? Health(health) : null,
    };

    private static HealthDocument Health(ContainerHealth health) => new(
        health.Status.ToString().ToLowerInvariant(),
        health.FailingStreak,
        [.. health.Log.Select(r => new HealthResultDocument(GoTime.Format(r.Start), GoTime.Format(r.End), r.ExitCode, r.Output))]);

    private static string Word(ContainerStatus status) => status switch
    {
        ContainerStatus.Running => "running",
        ContainerStatus.Paused => "paused",
        ContainerStatus.Restarting => "restarting",
        ContainerStatus.Removing => "removing",
        ContainerStatus.Exited => "exited",
        ContainerStatus.Dead => "dead",
        _ => "created",
    };

    private static string Command(ContainerSnapshot container)
    {
        // Docker quotes an argument that holds a blank, and only that.
        IEnumerable<string> arguments = container.Args.Select(a => a.Contains(' ', StringComparison.Ordinal) ? $"'{a}'" : a);
        return string.Join(' ', arguments.Prepend(container.Path));
    }

    private static GraphDriverDocument GraphDriver(ContainerSnapshot container) => new(
        new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["ID"] = container.Id,
            ["LowerDir"] = string.Join(':', container.LowerDirs),
            ["MergedDir"] = Path.Combine(container.Folder, "rootfs"),
            ["UpperDir"] = Path.Combine(container.Folder, "upper"),
            ["WorkDir"] = Path.Combine(container.Folder, "work"),
        },
        "overlay2");

    private static MountDocument Mount(MountPoint mount) => new()
    {
        Type = mount.Type,
        Name = NullIfEmpty(mount.Name),
        Source = mount.Source,
        Destination = mount.Destination,
        Driver = NullIfEmpty(mount.Driver),
        Mode = mount.Mode,
        IsWritable = mount.RW,
        Propagation = mount.Propagation,
    };

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;

    private static NetworkSettingsDocument NetworkSettings(ContainerSnapshot container)
    {
        EndpointSettings bridge = container.Networks.GetValueOrDefault("bridge") ?? new EndpointSettings();
        return new NetworkSettingsDocument
        {
            SandboxId = container.SandboxId,
            SandboxKey = container.SandboxKey,
            Ports = container.Ports,
            EndpointId = bridge.EndpointID,
            Gateway = bridge.Gateway,
            GlobalIPv6Address = bridge.GlobalIPv6Address,
            GlobalIPv6PrefixLen = bridge.GlobalIPv6PrefixLen,
            IPAddress = bridge.IPAddress,
            IPPrefixLen = bridge.IPPrefixLen,
            IPv6Gateway = bridge.IPv6Gateway,
            MacAddress = bridge.MacAddress,
            Networks = container.Networks,
        };
    }

    private static List<PortDocument> Ports(IReadOnlyDictionary<string, List<PortBinding>?> ports)
    {
        List<PortDocument> documents = [];
        foreach ((string key, List<PortBinding>? bindings) in ports)
        {
            string[] parts = key.Split('/');
            int privatePort = Number(parts[0]);
            string type = parts.Length > 1 ? parts[1] : "tcp";
            if (bindings is null || bindings.Count == 0)
            {
                documents.Add(new PortDocument { PrivatePort = privatePort, Type = type });
                continue;
            }

            documents.AddRange(bindings.Select(b => new PortDocument { HostAddress = NullIfEmpty(b.HostIp), PrivatePort = privatePort, PublicPort = Number(b.HostPort), Type = type }));
        }

        return documents;
    }

    private static int Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;
}
