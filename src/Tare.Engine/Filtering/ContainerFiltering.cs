using System.Globalization;
using Tare.Engine.Containers;
using Tare.Engine.Errors;
using Tare.Engine.Images;
using Tare.Engine.Lifecycle;

namespace Tare.Engine.Filtering;

/// <summary>Chooses the containers of a list.</summary>
/// <param name="table">All containers.</param>
/// <param name="findImage">Finds an image by a user's name.</param>
internal sealed class ContainerFiltering(ContainerTable table, Func<string, ImageRecord> findImage)
{
    private static readonly string[] s_states = ["created", "running", "paused", "restarting", "removing", "exited", "dead"];
    private static readonly string[] s_healths = ["none", "starting", "healthy", "unhealthy"];

    /// <summary>Lists, the newest first.</summary>
    public IReadOnlyList<ContainerSnapshot> List(ContainerFilter request)
    {
        Filters filters = new(request.Filters);
        filters.Allow("ancestor", "before", "exited", "expose", "health", "id", "is-task", "isolation", "label", "label!", "name", "network", "publish", "since", "status", "volume");
        CheckStatus(filters);
        CheckHealth(filters);
        CheckPorts(filters);
        List<int> exits = [.. filters.Get("exited").Select(ParseExit)];
        DateTimeOffset? before = filters.Has("before") ? table.Find(filters.Get("before")[0]).Document.Created : null;
        DateTimeOffset? since = filters.Has("since") ? table.Find(filters.Get("since")[0]).Document.Created : null;
        HashSet<string>? ancestors = filters.Has("ancestor") ? [.. filters.Get("ancestor").Select(ImageIdOf)] : null;
        bool all = request.All || request.Limit > 0 || filters.Has("status") || exits.Count > 0 || before is not null || since is not null;
        IEnumerable<ContainerSnapshot> chosen = table.All.Select(c => c.Snapshot)
            .Where(c => all || c.State.Status is ContainerStatus.Running or ContainerStatus.Paused or ContainerStatus.Restarting)
            .Where(c => exits.Count == 0 || (c.State.Status == ContainerStatus.Exited && exits.Contains(c.State.ExitCode)))
            .Where(c => !(c.Created >= before) && !(c.Created <= since))
            .Where(c => ancestors is null || ancestors.Contains(c.ImageId))
            .Where(c => Matches(c, filters))
            .OrderByDescending(c => c.Created);
        Dictionary<string, string> ids = [];
        return [.. (request.Limit > 0 ? chosen.Take(request.Limit) : chosen).Select(c => c with { ImageName = ImageNameOf(c, ids) })];
    }

    private static bool Matches(ContainerSnapshot container, Filters filters) =>
        filters.Match("id", id => container.Id.StartsWith(id, StringComparison.Ordinal))
        && filters.Match("name", name => Filters.MatchesPattern(name, "/" + container.Name) || Filters.MatchesPattern(name, container.Name))
        && filters.MatchLabels(container.Config.Labels)
        && filters.Match("status", status => container.State.Status.ToString().Equals(status, StringComparison.OrdinalIgnoreCase))
        && filters.Match("volume", volume => container.Mounts.Any(m => m.Name == volume || m.Destination == volume || m.Source == volume))
        && filters.Match("network", network => container.Networks.Any(n => n.Key == network || (n.Value.NetworkID.Length > 0 && n.Value.NetworkID.StartsWith(network, StringComparison.Ordinal))))
        && filters.Match("publish", port => PortFilter.Parse("publish", port).MatchesPublished(container.Ports))
        && filters.Match("expose", port => PortFilter.Parse("expose", port).MatchesExposed(container.Ports))
        && filters.Match("health", health => HealthOf(container).Equals(health, StringComparison.OrdinalIgnoreCase))
        && filters.Match("is-task", isTask => isTask == "false");

    private static string HealthOf(ContainerSnapshot container) => container.State.Health?.Status.ToString() ?? "none";

    private string ImageNameOf(ContainerSnapshot container, Dictionary<string, string> ids)
    {
        string name = container.Config.Image;
        if (!ids.TryGetValue(name, out string? id))
        {
            id = ImageIdOf(name);
            ids.Add(name, id);
        }

        return id == container.ImageId ? name : container.ImageId;
    }

    private static void CheckStatus(Filters filters)
    {
        foreach (string status in filters.Get("status"))
        {
            if (!s_states.Contains(status))
            {
                EngineErrors.ThrowInvalid($"invalid filter 'status={status}': invalid value for state ({status}): must be one of {string.Join(", ", s_states)}");
            }
        }
    }

    private static void CheckHealth(Filters filters)
    {
        foreach (string health in filters.Get("health"))
        {
            if (!s_healths.Contains(health))
            {
                EngineErrors.ThrowInvalid($"invalid filter 'health={health}': invalid value for health ({health}): must be one of {string.Join(", ", s_healths)}");
            }
        }
    }

    /// <summary>A wrong filter is an error even where no container is looked at.</summary>
    private static void CheckPorts(Filters filters)
    {
        foreach (string name in (ReadOnlySpan<string>)["publish", "expose"])
        {
            foreach (string port in filters.Get(name))
            {
                PortFilter.Parse(name, port);
            }
        }
    }

    private static int ParseExit(string text) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int code)
        ? code
        : throw new EngineException(ErrorClass.InvalidArgument, $"invalid filter 'exited={text}': strconv.Atoi: parsing \"{text}\": invalid syntax");

    private string ImageIdOf(string name)
    {
        try
        {
            return findImage(name).Id;
        }
        catch (EngineException e) when (e.Class == ErrorClass.NotFound)
        {
            // As in Docker: an image that is not there has no descendants, and names nothing.
            return "";
        }
    }
}
