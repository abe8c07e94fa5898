using Tare.Docker.Routing;
using Tare.Docker.Sessions;

namespace Tare.Docker.Endpoints;

/// <summary>The operations of the API, in the order in which they are tried.</summary>
internal static class AllRoutes
{
    /// <summary>Makes them.</summary>
    /// <param name="time">The clock.</param>
    public static IReadOnlyList<Route> Create(TimeProvider time)
    {
        SystemEndpoints system = new(time);
        ContainerEndpoints containers = new(time);
        StreamEndpoints streams = new(time);
        ExecEndpoints execs = new(time);
        ResourceEndpoints resources = new(time);
        SessionEndpoints sessions = new(new SessionTable(), time);
        return
        [
            new("GET", "/_ping", SystemEndpoints.PingAsync),
            new("HEAD", "/_ping", SystemEndpoints.PingAsync),
            new("GET", "/version", SystemEndpoints.VersionAsync),
            new("GET", "/info", system.InfoAsync),
            new("GET", "/events", EventEndpoints.EventsAsync),
            new("POST", "/auth", RegistryEndpoints.AuthAsync),
            new("GET", "/system/df", containers.DiskUsageAsync),
            new("POST", "/containers/create", ContainerEndpoints.CreateAsync),
            new("GET", "/containers/json", containers.ListAsync),
            new("POST", "/containers/prune", ContainerEndpoints.PruneAsync),
            new("GET", "/containers/{id}/json", ContainerEndpoints.InspectAsync),
            new("DELETE", "/containers/{id*}", ContainerEndpoints.RemoveAsync),
            new("POST", "/containers/{id}/start", ContainerEndpoints.StartAsync),
            new("POST", "/containers/{id}/stop", ContainerEndpoints.StopAsync),
            new("POST", "/containers/{id}/restart", ContainerEndpoints.RestartAsync),
            new("POST", "/containers/{id}/kill", ContainerEndpoints.KillAsync),
            new("POST", "/containers/{id}/pause", ContainerEndpoints.PauseAsync),
            new("POST", "/containers/{id}/unpause", ContainerEndpoints.UnpauseAsync),
            new("POST", "/containers/{id}/rename", ContainerEndpoints.RenameAsync),
            new("POST", "/containers/{id}/resize", ContainerEndpoints.ResizeAsync),
            new("GET", "/containers/{id}/export", ArchiveEndpoints.ExportAsync),
            new("GET", "/containers/{id}/changes", ArchiveEndpoints.ChangesAsync),
            new("HEAD", "/containers/{id}/archive", ArchiveEndpoints.StatAsync),
            new("GET", "/containers/{id}/archive", ArchiveEndpoints.ReadAsync),
            new("PUT", "/containers/{id}/archive", ArchiveEndpoints.WriteAsync),
            new("GET", "/containers/{id}/top", ContainerEndpoints.TopAsync),
            new("POST", "/containers/{id}/update", ResourceEndpoints.UpdateAsync),
            new("GET", "/containers/{id}/stats", resources.StatsAsync),
            new("POST", "/containers/{id}/wait", StreamEndpoints.WaitAsync),
            new("GET", "/containers/{id}/logs", StreamEndpoints.LogsAsync),
            new("POST", "/containers/{id}/attach", streams.AttachAsync),
            new("GET", "/containers/{id}/attach/ws", streams.AttachWebSocketAsync),
            new("POST", "/containers/{id}/exec", ExecEndpoints.CreateAsync),
            new("POST", "/exec/{id}/start", execs.StartAsync),
            new("POST", "/exec/{id}/resize", ExecEndpoints.ResizeAsync),
            new("GET", "/exec/{id}/json", ExecEndpoints.InspectAsync),
            new("GET", "/images/json", ImageEndpoints.ListAsync),
            new("POST", "/images/create", ImageCreation.CreateAsync),
            new("POST", "/commit", ImageArchiveEndpoints.CommitAsync),
            new("GET", "/images/get", ImageArchiveEndpoints.SaveAsync),
            new("POST", "/images/load", ImageArchiveEndpoints.LoadAsync),
            new("GET", "/images/{name*}/get", ImageArchiveEndpoints.SaveOneAsync),
            new("POST", "/images/prune", ImageEndpoints.PruneAsync),
            new("GET", "/images/search", RegistryEndpoints.SearchAsync),
            new("POST", "/images/{name*}/push", RegistryEndpoints.PushAsync),
            new("GET", "/distribution/{name*}/json", RegistryEndpoints.DistributionAsync),
            new("GET", "/images/{name*}/json", ImageEndpoints.InspectAsync),
            new("GET", "/images/{name*}/history", ImageEndpoints.HistoryAsync),
            new("POST", "/images/{name*}/tag", ImageEndpoints.TagAsync),
            new("DELETE", "/images/{name*}", ImageEndpoints.RemoveAsync),
            new("GET", "/networks", NetworkEndpoints.ListAsync),
            new("GET", "/networks/{id}", NetworkEndpoints.InspectAsync),
            new("POST", "/networks/prune", NetworkEndpoints.PruneAsync),
            new("POST", "/session", sessions.StartAsync),
            new("POST", "/build/prune", SystemEndpoints.PruneBuildCacheAsync),
            new("GET", "/volumes", VolumeEndpoints.ListAsync),
            new("POST", "/volumes/create", VolumeEndpoints.CreateAsync),
            new("POST", "/volumes/prune", VolumeEndpoints.PruneAsync),
            new("GET", "/volumes/{name}", VolumeEndpoints.InspectAsync),
            new("PUT", "/volumes/{name}", VolumeEndpoints.UpdateAsync),
            new("DELETE", "/volumes/{name}", VolumeEndpoints.RemoveAsync),
            new("GET", "/tare/manifests/{name*}", ManifestEndpoints.GetAsync),
            new("PUT", "/tare/manifests/{name*}", ManifestEndpoints.PutAsync),
            new("GET", "/tare/blobs/{name*}", ManifestEndpoints.GetBlobAsync),
            new("POST", "/tare/system/check", SystemEndpoints.CheckAsync),
            new("GET", "/tare/containers/{id}/explain", ContainerEndpoints.ExplainAsync),
            .. SwarmEndpoints.Routes,
        ];
    }
}
