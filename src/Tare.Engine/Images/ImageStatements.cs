using System.Globalization;
using System.Text.Json;
using Tare.Engine.State;

namespace Tare.Engine.Images;

/// <summary>Statements that several image flows use.</summary>
internal static class ImageStatements
{
    /// <summary>Gives an image a name.</summary>
    public static Statement SetName(string reference, string id, DateTimeOffset tagged) => new(
        "INSERT OR REPLACE INTO image_names (reference, image, tagged) VALUES ($1, $2, $3)", reference, id, tagged.ToString("O", CultureInfo.InvariantCulture));

    /// <summary>Takes a name away.</summary>
    public static Statement RemoveName(string reference) => new("DELETE FROM image_names WHERE reference = $1", reference);

    /// <summary>Replaces the document of an image.</summary>
    public static Statement SetDocument(string id, ImageDocument document) => new(
        "UPDATE images SET document = $2 WHERE id = $1", id, JsonSerializer.SerializeToUtf8Bytes(document, StateJson.Default.ImageDocument));

    /// <summary>Takes all names of an image away.</summary>
    public static Statement RemoveNames(string id) => new("DELETE FROM image_names WHERE image = $1", id);

    /// <summary>Removes an image; its names go first.</summary>
    public static Statement Remove(string id) => new("DELETE FROM images WHERE id = $1", id);
}
