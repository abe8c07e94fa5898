using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Tare.Engine.Errors;

namespace Tare.Engine.State;

/// <summary>Everything that the database holds, as it was read at the start.</summary>
internal sealed class StateLoader
{
    /// <summary>Containers: id, name, fixed and changing part.</summary>
    public List<(string Id, string Name, ContainerDocument Document, RunDocument Run)> Containers { get; } = [];

    /// <summary>Images by id.</summary>
    public List<(string Id, ImageDocument Document)> Images { get; } = [];

    /// <summary>Names of images.</summary>
    public List<(string Reference, string Image, DateTimeOffset Tagged)> Names { get; } = [];

    /// <summary>Volumes by name.</summary>
    public List<(string Name, VolumeDocument Document)> Volumes { get; } = [];

    /// <summary>Single values.</summary>
    public Dictionary<string, string> Meta { get; } = [];

    /// <summary>Reads all tables.</summary>
    /// <exception cref="EngineException">DataLoss: a document cannot be read.</exception>
    public void Load(SqliteConnection connection)
    {
        try
        {
            EngineDatabase.Read(connection, "SELECT id, name, document, state FROM containers", row => Containers.Add((
                row.GetString(0),
                row.GetString(1),
                JsonSerializer.Deserialize((byte[])row[2], StateJson.Default.ContainerDocument)!,
                JsonSerializer.Deserialize((byte[])row[3], StateJson.Default.RunDocument)!)));
            EngineDatabase.Read(connection, "SELECT id, document FROM images", row => Images.Add((
                row.GetString(0), JsonSerializer.Deserialize((byte[])row[1], StateJson.Default.ImageDocument)!)));
            EngineDatabase.Read(connection, "SELECT reference, image, tagged FROM image_names", row => Names.Add((
                row.GetString(0), row.GetString(1), DateTimeOffset.Parse(row.GetString(2), CultureInfo.InvariantCulture))));
            EngineDatabase.Read(connection, "SELECT name, document FROM volumes", row => Volumes.Add((
                row.GetString(0), JsonSerializer.Deserialize((byte[])row[1], StateJson.Default.VolumeDocument)!)));
            EngineDatabase.Read(connection, "SELECT key, value FROM meta", row => Meta[row.GetString(0)] = row.GetString(1));
        }
        catch (JsonException e)
        {
            throw new EngineException(ErrorClass.DataLoss, $"read state: {e.Message}", e);
        }
    }
}
