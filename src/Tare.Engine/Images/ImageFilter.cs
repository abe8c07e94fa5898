namespace Tare.Engine.Images;

/// <summary>Which images a list holds.</summary>
public sealed record ImageFilter
{
    /// <summary>Docker's filters: before, dangling, label, reference, since, until.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Filters { get; init; } = new Dictionary<string, IReadOnlyList<string>>();
}
