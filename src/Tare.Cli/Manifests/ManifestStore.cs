using System.Text.Json;
using Tare.Cli.CommandLine;
using Tare.Oci.Images;

namespace Tare.Cli.Manifests;

/// <summary>
/// Lists that are being made, kept between commands in the user's folder, as Docker's client does:
/// <code>
/// manifests/REGISTRY_REPOSITORY-TAG/          a list
/// manifests/…/REGISTRY_REPOSITORY-TAG         an entry of it
/// </code>
/// </summary>
/// <param name="root">The folder <c>manifests</c>.</param>
internal sealed class ManifestStore(string root)
{
    /// <summary>Whether there is a list of this name.</summary>
    public bool Has(ImageReference list) => Directory.Exists(FolderOf(list));

    /// <summary>The entries of a list in the order of their names; none when there is no list.</summary>
    public IReadOnlyList<ManifestEntry> Entries(ImageReference list)
        => Has(list) ? [.. Directory.EnumerateFiles(FolderOf(list)).Where(file => !Path.GetFileName(file).StartsWith('.')).Order(StringComparer.Ordinal).Select(Read)] : [];

    /// <summary>An entry of a list; null when it is not in it.</summary>
    public ManifestEntry? Find(ImageReference list, ImageReference entry) => File.Exists(FileOf(list, entry)) ? Read(FileOf(list, entry)) : null;

    /// <summary>Puts an entry into a list, in place of one with the same reference.</summary>
    public void Save(ImageReference list, ManifestEntry entry)
    {
        Directory.CreateDirectory(FolderOf(list));
        string file = FileOf(list, entry.Reference);
        string temporary = Path.Combine(FolderOf(list), $".{Environment.ProcessId}");
        File.WriteAllBytes(temporary, ManifestJson.Stored(entry));
        File.Move(temporary, file, overwrite: true);
    }

    /// <summary>Removes a list.</summary>
    public void Remove(ImageReference list) => Directory.Delete(FolderOf(list), recursive: true);

    private static string Safe(ImageReference reference) => reference.ToString().Replace(':', '-').Replace('/', '_');

    private static ManifestEntry Read(string file)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(file));
            JsonElement descriptor = document.RootElement.GetProperty("Descriptor");
            return new ManifestEntry(
                ImageReference.Parse(document.RootElement.GetProperty("Ref").GetString() ?? ""),
                descriptor.GetProperty("mediaType").GetString() ?? "",
                document.RootElement.GetProperty("Raw").GetBytesFromBase64(),
                descriptor.TryGetProperty("platform", out JsonElement platform) ? platform.Deserialize(ImagesJson.Default.Platform) ?? new Platform() : new Platform());
        }
        catch (Exception failure) when (failure is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new CommandException($"the local manifest \"{file}\" is damaged: {failure.Message}");
        }
    }

    private string FolderOf(ImageReference list) => Path.Combine(root, Safe(list));

    private string FileOf(ImageReference list, ImageReference entry) => Path.Combine(FolderOf(list), Safe(entry));
}
