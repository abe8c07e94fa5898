using System.Text.Json;
using Tare.Oci.Images;
using Tare.Storage.Archives;

namespace Tare.Engine.Images.Archives;

/// <summary>
/// Archives from before Docker 1.10: <c>repositories</c> names the topmost layer of each image, and each <c>ID/json</c> its parent. The configuration is made of these documents.
/// </summary>
/// <param name="archive">The archive.</param>
internal sealed class LegacyArchive(ImageArchive archive)
{
    private const int MostLayers = 1024;

    /// <summary>Reads the images.</summary>
    /// <param name="repositories">Layer ids by name and tag.</param>
    public IReadOnlyList<ImageInArchive> Read(Dictionary<string, Dictionary<string, string>> repositories)
    {
        Dictionary<string, List<string>> names = new(StringComparer.Ordinal);
        foreach ((string repository, Dictionary<string, string> tags) in repositories)
        {
            foreach ((string tag, string? id) in tags ?? [])
            {
                string name = ImageFinder.Parse($"{repository}:{tag}").ToString();
                (names.TryGetValue(id ?? "", out List<string>? known) ? known : names[id ?? ""] = []).Add(name);
            }
        }

        return [.. names.Select(pair => ReadOne(pair.Key, pair.Value))];
    }

    private ImageInArchive ReadOne(string id, List<string> names)
    {
        List<(LegacyLayer Document, ArchivedFile Layer)> chain = [];
        for (string? next = id; !string.IsNullOrEmpty(next); next = chain[^1].Document.Parent)
        {
            byte[] json = archive.Find(next + "/json")?.Document ?? throw ArchiveContents.Invalid($"open {next}/json: no such file or directory");
            ArchivedFile layer = archive.Find(next + "/layer.tar") is { Layer: not null } file ? file : throw ArchiveContents.Invalid($"open {next}/layer.tar: no such file or directory");
            chain.Add((ArchiveContents.Parse(json, ImageArchiveJson.Default.LegacyLayer, next + "/json"), layer));
            if (chain.Count > MostLayers)
            {
                throw ArchiveContents.Invalid($"the layers of \"{names[0]}\" lead from one to the next without end");
            }
        }

        chain.Reverse();
        LegacyLayer top = chain[^1].Document;
        ImageConfiguration configuration = new()
        {
            Created = top.Created,
            Author = top.Author,
            Comment = top.Comment,
            Architecture = string.IsNullOrEmpty(top.Architecture) ? Platform.Current.Architecture : top.Architecture,
            Os = string.IsNullOrEmpty(top.Os) ? "linux" : top.Os,
            Config = top.Config,
            RootFs = new ImageRootFs { DiffIds = [.. chain.Select(static c => c.Layer.Layer!.DiffId.ToString())] },
            History = [.. chain.Select(static c => new ImageHistory
            {
                Created = c.Document.Created,
                CreatedBy = c.Document.ContainerConfig?.Cmd is { } command ? string.Join(' ', command) : null,
                Author = c.Document.Author,
                Comment = c.Document.Comment,
            })],
        };
        byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(configuration, ImagesJson.Default.ImageConfiguration);
        return new ImageInArchive(bytes, [.. chain.Select(static c => c.Layer)], names, null);
    }
}
