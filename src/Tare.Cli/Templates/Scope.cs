namespace Tare.Cli.Templates;

/// <summary>What the dot and the variables stand for at a place of the template.</summary>
internal sealed class Scope
{
    private readonly List<(string Name, object? Value)> _variables = [];

    /// <summary>Begins with the data as the dot and as <c>$</c>.</summary>
    public Scope(object? data)
    {
        Dot = data;
        Declare("$", data);
    }

    /// <summary>The value of the dot.</summary>
    public object? Dot { get; set; }

    /// <summary>How many variables there are; a block forgets those that were declared inside it by going back to this.</summary>
    public int Mark => _variables.Count;

    /// <summary>Declares a variable.</summary>
    public void Declare(string name, object? value) => _variables.Add((name, value));

    /// <summary>Gives a declared variable another value.</summary>
    /// <exception cref="TemplateException">There is none of the name.</exception>
    public void Assign(string name, object? value) => _variables[Find(name)] = (name, value);

    /// <summary>The value of a variable.</summary>
    /// <exception cref="TemplateException">There is none of the name.</exception>
    public object? Get(string name) => _variables[Find(name)].Value;

    /// <summary>Forgets the variables declared since.</summary>
    public void Forget(int mark) => _variables.RemoveRange(mark, _variables.Count - mark);

    private int Find(string name)
    {
        int index = _variables.FindLastIndex(variable => variable.Name == name);
        return index >= 0 ? index : throw new TemplateException($"template: :1: undefined variable {CommandLine.GoQuote.Quote(name)}");
    }
}
