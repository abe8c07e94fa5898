using System.Text.Json;
using Tare.Engine.Containers;
using Tare.Engine.Errors;
using Tare.Engine.State;
using Tare.Oci.Images;

namespace Tare.Engine.Images;

/// <summary>Makes image records from configurations.</summary>
internal static class ImageReader
{
    /// <summary>Reads a configuration.</summary>
    /// <exception cref="EngineException">DataLoss: it is no image configuration.</exception>
    public static ImageRecord Read(string id, ImageDocument document, byte[] configuration)
    {
        try
        {
            ImageConfiguration? parsed = JsonSerializer.Deserialize(configuration, ImagesJson.Default.ImageConfiguration);
            return parsed is { HasRootFs: true } ? Read(id, document, parsed) : throw new EngineException(ErrorClass.DataLoss, "invalid image JSON, no RootFS key"); // dockerd's words
        }
        catch (JsonException e)
        {
            throw Broken(id, e);
        }
    }

    /// <summary>Takes over a parsed configuration.</summary>
    /// <exception cref="EngineException">DataLoss: what it says of containers is nothing of the kind.</exception>
    public static ImageRecord Read(string id, ImageDocument document, ImageConfiguration parsed) => new()
    {
        Id = id,
        Document = document,
        Config = ConfigOf(id, parsed),
        Created = parsed.Created,
        Author = parsed.Author ?? "",
        Comment = string.IsNullOrEmpty(parsed.Comment) ? parsed.History?.LastOrDefault()?.Comment ?? "" : parsed.Comment,
        Architecture = parsed.Architecture,
        Variant = parsed.Variant ?? "",
        Os = parsed.Os.Length > 0 ? parsed.Os : "linux",
        DiffIds = parsed.RootFs.DiffIds,
        History = HistoryOf(parsed, document),
    };

    private static ContainerConfig ConfigOf(string id, ImageConfiguration parsed)
    {
        try
        {
            return parsed.Config is { ValueKind: JsonValueKind.Object } config ? config.Deserialize(EngineJson.Default.ContainerConfig) ?? new ContainerConfig() : new ContainerConfig();
        }
        catch (JsonException e)
        {
            throw Broken(id, e);
        }
    }

    private static EngineException Broken(string id, JsonException e) => new(ErrorClass.DataLoss, $"image configuration {id}: {e.Message}", e);

    private static List<ImageHistoryEntry> HistoryOf(ImageConfiguration parsed, ImageDocument document)
    {
        List<ImageHistoryEntry> steps = [];
        int layer = 0;
        foreach (ImageHistory step in parsed.History ?? [])
        {
            long size = step.EmptyLayer || layer >= document.LayerSizes.Count ? 0 : document.LayerSizes[layer++];
            steps.Add(new ImageHistoryEntry("<missing>", step.Created, step.CreatedBy ?? "", [], size, step.Comment ?? ""));
        }

        return steps;
    }
}
