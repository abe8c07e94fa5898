using System.Text;
using Tare.Cli.Templates;

namespace Tare.Cli.Output;

/// <summary>
/// Prints rows in the form that <c>--format</c> asks for: <c>table</c>, <c>table TEMPLATE</c>, <c>json</c>, or a template for each row.
/// </summary>
/// <param name="typeName">What Docker's messages call a row.</param>
/// <param name="headers">The title of each cell.</param>
/// <param name="defaultTable">The template of the plain table.</param>
internal sealed class RowTable(string typeName, IReadOnlyList<(string Cell, string Title)> headers, string defaultTable)
{
    /// <summary>Prints the rows.</summary>
    /// <exception cref="CommandLine.CommandException">The template is malformed or asks for what a row does not have.</exception>
    public void Print(OutputWriter output, string format, IEnumerable<TemplateRow> rows)
    {
        try
        {
            output.Write(Render(format, rows));
        }
        catch (TemplateException failure)
        {
            bool execution = failure.Message.Contains("executing", StringComparison.Ordinal);
            throw new CommandLine.CommandException(execution ? $"failed to execute template: {failure.Message}" : $"template parsing error: {failure.Message}");
        }
    }

    /// <summary>The printed rows.</summary>
    /// <exception cref="TemplateException">The template is malformed or asks for what a row does not have.</exception>
    public string Render(string format, IEnumerable<TemplateRow> rows)
    {
        bool table = format.Length == 0 || format == "table" || format.StartsWith("table ", StringComparison.Ordinal) || format.StartsWith("table\\t", StringComparison.Ordinal);
        string source = format switch
        {
            "" or "table" => defaultTable,
            "json" => "{{json .}}",
            _ => (table ? format["table".Length..].Trim() : format).Replace("\\t", "\t", StringComparison.Ordinal).Replace("\\n", "\n", StringComparison.Ordinal),
        };
        Template template = Template.Parse(source);
        StringBuilder text = new();
        if (table)
        {
            text.Append(template.Apply(HeaderRow())).Append('\n');
        }

        foreach (TemplateRow row in rows)
        {
            text.Append(template.Apply(row)).Append('\n');
        }

        return table ? TabWriter.Align(text.ToString()) : text.ToString();
    }

    private TemplateRow HeaderRow()
    {
        TemplateRow row = new(typeName);
        foreach ((string cell, string title) in headers)
        {
            row.Add(cell, () => title);
        }

        // The title of one label is the last part of its name.
        return row.AddMethod("Label", static arguments => arguments is [string name] ? name.Split('.')[^1].Replace('-', ' ').Replace('_', ' ') : string.Empty);
    }
}
