using System.Text.Json;

namespace Tare.Cli.Templates;

/// <summary>A row of a table: named cells that are made when they are asked for.</summary>
/// <param name="typeName">What Docker's messages call the row.</param>
internal sealed class TemplateRow(string typeName)
{
    private readonly List<(string Name, Func<object?> Make, bool InJson)> _cells = [];

    /// <summary>What Docker's messages call the row.</summary>
    public string TypeName { get; } = typeName;

    /// <summary>Adds a cell.</summary>
    public TemplateRow Add(string name, Func<object?> make)
    {
        _cells.Add((name, make, true));
        return this;
    }

    /// <summary>Adds a method, which the JSON form of the row does not show.</summary>
    public TemplateRow AddMethod(string name, Func<IReadOnlyList<object?>, object?> method)
    {
        _cells.Add((name, () => method, false));
        return this;
    }

    /// <summary>Makes a cell.</summary>
    public bool TryGet(string name, out object? value)
    {
        int index = _cells.FindIndex(cell => cell.Name == name);
        value = index < 0 ? null : _cells[index].Make();
        return index >= 0;
    }

    /// <summary>Writes the row as a JSON object with sorted names.</summary>
    public void WriteJson(Utf8JsonWriter json, Action<Utf8JsonWriter, object?> writeValue)
    {
        json.WriteStartObject();
        foreach ((string name, Func<object?> make, bool _) in _cells.Where(static cell => cell.InJson).OrderBy(static cell => cell.Name, StringComparer.Ordinal))
        {
            json.WritePropertyName(name);
            writeValue(json, make());
        }

        json.WriteEndObject();
    }
}
