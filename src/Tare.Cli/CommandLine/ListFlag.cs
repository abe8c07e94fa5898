namespace Tare.Cli.CommandLine;

/// <summary>An option that may be given several times; every occurrence adds one value.</summary>
internal sealed class ListFlag<T>(string name, char shorthand, string typeName, string description, Func<string, T> parse)
    : Flag(name, shorthand, typeName, description)
{
    /// <summary>The values in the order given.</summary>
    public List<T> Values { get; } = [];

    /// <inheritdoc/>
    protected override void Read(string text) => Values.Add(parse(text));
}
