namespace Tare.Engine.Events;

/// <summary>Something that happened to an object of the engine.</summary>
public sealed record EngineEvent
{
    /// <summary><c>container</c>, <c>image</c>, <c>network</c>, <c>volume</c> or <c>daemon</c>.</summary>
    public required string Type { get; init; }

    /// <summary>What happened: <c>create</c>, <c>start</c>, <c>die</c>, <c>pull</c> …</summary>
    public required string Action { get; init; }

    /// <summary>Id (container, network), reference or id (image) or name (volume) of the object.</summary>
    public required string ActorId { get; init; }

    /// <summary>Further facts: labels, name, image, exitCode …</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>();

    /// <summary>When it happened.</summary>
    public required DateTimeOffset Time { get; init; }
}
