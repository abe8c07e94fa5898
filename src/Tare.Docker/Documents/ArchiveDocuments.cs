using System.Text.Json.Serialization;

namespace Tare.Docker.Documents;

/// <summary>A file in a container: the header <c>X-Docker-Container-Path-Stat</c>.</summary>
internal sealed record PathStatDocument(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("size")] long Size,
    [property: JsonPropertyName("mode")] uint Mode,
    [property: JsonPropertyName("mtime")] string Mtime,
    [property: JsonPropertyName("linkTarget")] string LinkTarget);

/// <summary>A file that a container changed.</summary>
internal sealed record ChangeDocument(string Path, int Kind);
