using Tare.Engine.Errors;

namespace Tare.Engine.Containers;

/// <summary>Merges a request's configuration with its image's, as dockerd does.</summary>
internal static class ImageConfigMerge
{
    /// <summary>Completes <paramref name="config"/> from the image's configuration.</summary>
    /// <exception cref="EngineException">InvalidArgument: neither has a command.</exception>
    /// <param name="config">The request's; changed.</param>
    /// <param name="image">The image's; not changed.</param>
    public static void Apply(ContainerConfig config, ContainerConfig image)
    {
        MergeCommand(config, image);
        config.User = config.User.Length > 0 ? config.User : image.User;
        config.WorkingDir = config.WorkingDir.Length > 0 ? config.WorkingDir : image.WorkingDir;
        config.StopSignal ??= image.StopSignal;
        config.StopTimeout ??= image.StopTimeout;
        config.Shell ??= image.Shell;
        config.OnBuild ??= image.OnBuild;
        config.Env = MergeEnvironment(config.Env, image.Env);
        config.ExposedPorts = MergeSet(config.ExposedPorts, image.ExposedPorts);
        config.Volumes = MergeSet(config.Volumes, image.Volumes) is { Count: > 0 } volumes ? volumes : null;
        MergeLabels(config, image);
        MergeHealth(config, image);
        if (config.Entrypoint is null or [] && config.Cmd is null or [])
        {
            EngineErrors.ThrowInvalid("no command specified");
        }
    }

    /// <summary>The words that are executed: entry point, then arguments.</summary>
    public static List<string> CommandOf(ContainerConfig config) => [.. config.Entrypoint ?? [], .. config.Cmd ?? []];

    private static void MergeCommand(ContainerConfig config, ContainerConfig image)
    {
        // An entry point of one empty string is the client's way to say "none", which also drops the image's arguments.
        if (config.Entrypoint is null or [])
        {
            bool hasCommand = config.Cmd is { Count: > 0 };
            config.Cmd = hasCommand ? config.Cmd : image.Cmd is null ? config.Cmd : [.. image.Cmd];
            config.Entrypoint ??= image.Entrypoint is null ? null : [.. image.Entrypoint];
        }

        if (config.Entrypoint is [""])
        {
            config.Entrypoint = null;
        }
    }

    private static List<string>? MergeEnvironment(List<string>? request, List<string>? image)
    {
        if (request is null or [] && image is null)
        {
            return null;
        }

        // A name without a value stays: it takes the image's variable away, and Docker's own.
        List<string> merged = [.. request ?? []];
        HashSet<string> names = [.. merged.Select(NameOf)];
        merged.AddRange((image ?? []).Where(variable => names.Add(NameOf(variable))));
        return merged;
    }

    private static string NameOf(string variable) => variable.Split('=', 2)[0];

    private static Dictionary<string, EmptyDocument>? MergeSet(Dictionary<string, EmptyDocument>? request, Dictionary<string, EmptyDocument>? image)
    {
        IEnumerable<string> keys = (request?.Keys ?? Enumerable.Empty<string>()).Union(image?.Keys ?? Enumerable.Empty<string>());

        // In the order in which dockerd's JSON has the keys of every map.
        return request is null && image is null or { Count: 0 }
            ? null
            : keys.Order(StringComparer.Ordinal).ToDictionary(key => key, _ => EmptyDocument.Instance);
    }

    private static void MergeLabels(ContainerConfig config, ContainerConfig image)
    {
        config.Labels ??= [];
        foreach ((string name, string value) in image.Labels ?? [])
        {
            config.Labels.TryAdd(name, value);
        }
    }

    private static void MergeHealth(ContainerConfig config, ContainerConfig image)
    {
        if (image.Healthcheck is not { } inherited)
        {
            return;
        }

        HealthConfig health = config.Healthcheck ??= new HealthConfig();
        health.Test = health.Test is null or [] ? inherited.Test : health.Test;
        health.Interval = health.Interval != 0 ? health.Interval : inherited.Interval;
        health.Timeout = health.Timeout != 0 ? health.Timeout : inherited.Timeout;
        health.StartPeriod = health.StartPeriod != 0 ? health.StartPeriod : inherited.StartPeriod;
        health.StartInterval = health.StartInterval != 0 ? health.StartInterval : inherited.StartInterval;
        health.Retries = health.Retries != 0 ? health.Retries : inherited.Retries;
    }
}
