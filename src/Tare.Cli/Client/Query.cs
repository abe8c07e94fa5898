using System.Text;

namespace Tare.Cli.Client;

/// <summary>Builds the path of a request with its query.</summary>
internal sealed class Query(string path)
{
    private readonly StringBuilder _text = new(path);
    private bool _any;

    /// <summary>Adds a parameter.</summary>
    public Query Add(string name, string value)
    {
        _text.Append(_any ? '&' : '?').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        _any = true;
        return this;
    }

    /// <summary>Adds a parameter, unless the value is empty.</summary>
    public Query AddUnlessEmpty(string name, string value) => value.Length == 0 ? this : Add(name, value);

    /// <summary>Adds <c>name=1</c> when the condition holds.</summary>
    public Query AddIf(bool condition, string name) => condition ? Add(name, "1") : this;

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();
}
