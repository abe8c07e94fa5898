namespace Tare.Engine.Containers;

/// <summary>The JSON value <c>{}</c>, which Docker's documents use as the value of a set's members.</summary>
public sealed class EmptyDocument
{
    /// <summary>The only instance that is needed.</summary>
    public static EmptyDocument Instance { get; } = new();
}
