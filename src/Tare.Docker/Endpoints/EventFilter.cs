using Tare.Engine.Errors;
using Tare.Engine.Events;

namespace Tare.Docker.Endpoints;

/// <summary>Chooses events as the parameter <c>filters</c> of <c>/events</c> says: values of one name are alternatives, names must all match, labels too.</summary>
internal sealed class EventFilter
{
    private static readonly string[] s_known = ["config", "container", "daemon", "event", "image", "label", "network", "node", "plugin", "scope", "secret", "service", "type", "volume"];

    private readonly IReadOnlyDictionary<string, IReadOnlyList<string>> _filters;

    /// <summary>Makes a filter.</summary>
    /// <exception cref="EngineException">InvalidArgument: a name is unknown.</exception>
    public EventFilter(IReadOnlyDictionary<string, IReadOnlyList<string>> filters)
    {
        foreach (string name in filters.Keys)
        {
            if (!s_known.Contains(name))
            {
                throw new EngineException(ErrorClass.InvalidArgument, $"invalid filter '{name}'");
            }
        }

        _filters = filters;
    }

    /// <summary>Whether an event is wanted.</summary>
    public bool Matches(EngineEvent occurrence) => _filters.All(f => f.Value.Count == 0 || Matches(f.Key, f.Value, occurrence));

    private static bool Matches(string name, IReadOnlyList<string> values, EngineEvent occurrence) => name switch
    {
        // "exec_create: sh" is chosen by "exec_create".
        "event" => values.Any(v => occurrence.Action == v || occurrence.Action.StartsWith(v + ":", StringComparison.Ordinal)),
        "type" => values.Contains(occurrence.Type),
        "scope" => values.Contains("local"),
        "label" => values.All(v => HasLabel(v, occurrence.Attributes)),
        "image" => values.Any(v => IsImage(v, occurrence)),
        _ => occurrence.Type == name && values.Any(v => IsActor(v, occurrence)),
    };

    private static bool HasLabel(string wanted, IReadOnlyDictionary<string, string> attributes)
    {
        int equals = wanted.IndexOf('=', StringComparison.Ordinal);
        return equals < 0
            ? attributes.ContainsKey(wanted)
            : attributes.TryGetValue(wanted[..equals], out string? value) && value == wanted[(equals + 1)..];
    }

    private static bool IsActor(string wanted, EngineEvent occurrence) =>
        occurrence.ActorId == wanted || (wanted.Length > 0 && occurrence.ActorId.StartsWith(wanted, StringComparison.Ordinal))
        || occurrence.Attributes.GetValueOrDefault("name") == wanted.TrimStart('/');

    private static bool IsImage(string wanted, EngineEvent occurrence)
    {
        string? image = occurrence.Type == "image" ? occurrence.ActorId : occurrence.Attributes.GetValueOrDefault("image");
        return image is not null && (WithoutTag(image) == WithoutTag(wanted) || image == wanted
            || (occurrence.Type == "image" && occurrence.Attributes.GetValueOrDefault("name") is { } name && WithoutTag(name) == WithoutTag(wanted)));
    }

    private static string WithoutTag(string image)
    {
        int colon = image.LastIndexOf(':');
        return colon > image.LastIndexOf('/') && !image.StartsWith("sha256:", StringComparison.Ordinal) ? image[..colon] : image;
    }
}
