using System.Text.Json;
using Tare.Cli.CommandLine;
using Tare.Oci.Images;

namespace Tare.Cli.Images;

/// <summary>Platforms as the operations on archives take them.</summary>
internal static class PlatformText
{
    /// <summary>OCI's JSON of a platform that the user wrote; empty for an empty text.</summary>
    /// <exception cref="CommandException">It is no platform.</exception>
    public static string ToJson(string text)
    {
        try
        {
            return text.Length == 0 ? string.Empty : JsonSerializer.Serialize(Platform.Parse(text), ImagesJson.Default.Platform);
        }
        catch (FormatException failure)
        {
            throw new CommandException($"invalid platform: {failure.Message}");
        }
    }
}
