using System.Text.Json;
using Tare.Engine.State;

namespace Tare.Engine.Lifecycle;

/// <summary>Stores containers in the database.</summary>
/// <param name="database">The database.</param>
internal sealed class ContainerRecords(EngineDatabase database)
{
    /// <summary>Stores a new container; survives a kill of the daemon when the task ends.</summary>
    public Task InsertAsync(Container container) => database.WriteAsync(new Statement(
        "INSERT INTO containers (id, name, document, state) VALUES ($1, $2, $3, $4)",
        container.Id,
        container.Name,
        JsonSerializer.SerializeToUtf8Bytes(container.Document, StateJson.Default.ContainerDocument),
        Serialize(container)));

    /// <summary>Stores the changing part.</summary>
    public Task UpdateAsync(Container container) =>
        database.WriteAsync(new Statement("UPDATE containers SET state = $2 WHERE id = $1", container.Id, Serialize(container)));

    /// <summary>Stores the fixed part again.</summary>
    public Task UpdateDocumentAsync(Container container) => database.WriteAsync(new Statement(
        "UPDATE containers SET document = $2 WHERE id = $1",
        container.Id,
        JsonSerializer.SerializeToUtf8Bytes(container.Document, StateJson.Default.ContainerDocument)));

    /// <summary>Stores a new name.</summary>
    public Task RenameAsync(string id, string name) => database.WriteAsync(new Statement("UPDATE containers SET name = $2 WHERE id = $1", id, name));

    /// <summary>Removes a container's record.</summary>
    public Task DeleteAsync(string id) => database.WriteAsync(new Statement("DELETE FROM containers WHERE id = $1", id));

    private static byte[] Serialize(Container container)
    {
        byte[] state = [];
        container.Change(c => state = JsonSerializer.SerializeToUtf8Bytes(c.Run, StateJson.Default.RunDocument));
        return state;
    }
}
