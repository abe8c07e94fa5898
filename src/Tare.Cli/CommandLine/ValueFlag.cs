namespace Tare.Cli.CommandLine;

/// <summary>An option that holds one value; a later occurrence replaces an earlier one.</summary>
internal sealed class ValueFlag<T>(string name, char shorthand, string typeName, string description, T initial, Func<string, T> parse)
    : Flag(name, shorthand, typeName, description)
{
    /// <summary>The value given last, or the default.</summary>
    public T Value { get; private set; } = initial;

    /// <summary>Set for switches.</summary>
    public string? Bare { get; init; }

    /// <inheritdoc/>
    public override string? BareValue => Bare;

    /// <inheritdoc/>
    protected override void Read(string text) => Value = parse(text);
}
