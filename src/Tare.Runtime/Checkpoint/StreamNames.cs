using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Tare.Linux.Files;
using Tare.Oci.Runtime;
using Tare.Runtime.Containers;

namespace Tare.Runtime.Checkpoint;

/// <summary>
/// <c>descriptors.json</c> beside the images, as runc writes it: what the first process's standard streams are. Pipes among them are replaced by the
/// streams of whoever restores.
/// </summary>
internal static class StreamNames
{
    private const string FileName = "descriptors.json";

    /// <summary>Writes the file.</summary>
    /// <exception cref="Linux.LinuxException">It cannot be written.</exception>
    public static void Write(string images, int pid)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer, PlainJsonEncoder.WriterOptions()))
        {
            writer.WriteStartArray();
            for (int i = 0; i < 3; i++)
            {
                // Links of /proc name what is open, whether there is such a file or not.
                writer.WriteStringValue(TargetOf(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/fd/{i}")));
            }

            writer.WriteEndArray();
        }

        SmallFile.Write(Path.Combine(images, FileName), buffer.WrittenSpan);
    }

    /// <summary>Reads the file.</summary>
    /// <exception cref="RuntimeException">There is none, or it is damaged: the folder holds no checkpoint.</exception>
    public static IReadOnlyList<string> Read(string images)
    {
        string path = Path.Combine(images, FileName);
        try
        {
            return Parse(File.ReadAllBytes(path));
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new RuntimeException(ErrorKind.Invalid, $"open {path}: no such file or directory", inner: failure);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            throw new RuntimeException(ErrorKind.Invalid, $"\"{path}\" cannot be read: {failure.Message}", inner: failure);
        }
    }

    /// <summary>Reads the document: texts in an array, null for a stream that was closed.</summary>
    internal static IReadOnlyList<string> Parse(ReadOnlySpan<byte> json)
    {
        Utf8JsonReader reader = new(json);
        List<string> names = [];
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
        {
            throw new JsonException("no array");
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            names.Add(reader.GetString() ?? "");
        }

        return names;
    }

    private static string TargetOf(string link)
    {
        try
        {
            return new FileInfo(link).LinkTarget ?? "";
        }
        catch (IOException)
        {
            return ""; // the process closed it
        }
    }
}
