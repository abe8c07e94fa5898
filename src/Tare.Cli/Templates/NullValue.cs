namespace Tare.Cli.Templates;

/// <summary>A value that is null in the JSON document but that Docker prints as an empty list or map.</summary>
internal sealed class NullValue(string text)
{
    /// <summary>An empty list.</summary>
    public static NullValue List { get; } = new("[]");

    /// <summary>An empty map.</summary>
    public static NullValue Map { get; } = new("map[]");

    /// <summary>A pointer to nothing.</summary>
    public static NullValue Pointer { get; } = new("<nil>");

    /// <inheritdoc/>
    public override string ToString() => text;
}
