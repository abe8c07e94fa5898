using System.Text;

namespace Tare.Cli.Templates;

/// <summary>A template in the language of Go's text/template, as Docker's option <c>--format</c> takes it: fields, if, with, range, variables, pipes and functions.</summary>
internal sealed class Template
{
    private readonly IReadOnlyList<Node> _nodes;

    private Template(IReadOnlyList<Node> nodes) => _nodes = nodes;

    /// <summary>Reads a template.</summary>
    /// <exception cref="TemplateException">It is malformed.</exception>
    public static Template Parse(string source) => new(new TemplateParser(source).Parse());

    /// <summary>Applies the template.</summary>
    /// <exception cref="TemplateException">The data does not have what the template asks for.</exception>
    public string Apply(object? data)
    {
        StringBuilder output = new();
        Scope scope = new(data);
        foreach (Node node in _nodes)
        {
            node.Write(scope, output);
        }

        return output.ToString();
    }
}
