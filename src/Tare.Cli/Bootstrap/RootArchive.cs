using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Tare.Linux.Files;
using Tare.Linux.Processes;

namespace Tare.Cli.Bootstrap;

/// <summary>Packs a root into an image archive of one layer (the format of <c>docker save</c>), the same bytes for the same root.</summary>
/// <param name="root">The root, built.</param>
/// <param name="folder">A folder for work.</param>
internal sealed class RootArchive(RootBuilder root, string folder)
{
    private const string LayerName = "layer.tar";
    private readonly Tool _tar = Tool.Find("tar");
    private readonly string _parts = Path.Combine(folder, "parts");

    /// <summary>Writes layer, configuration and manifest.</summary>
    /// <param name="reference">The name of the image, with its tag.</param>
    /// <param name="architecture">In the words of dpkg(1).</param>
    /// <param name="origin">What the history says of the layer.</param>
    public void Pack(string reference, string architecture, string origin)
    {
        Directory.CreateDirectory(_parts);
        string layer = Path.Combine(_parts, LayerName);
        string time = string.Create(CultureInfo.InvariantCulture, $"@{root.Time.ToUnixTimeSeconds()}");
        _tar.Run(
            [
                "--create", "--file=" + layer, "--directory=" + root.Root, "--sort=name", "--numeric-owner", "--xattrs", "--xattrs-include=*", "--format=posix",
                "--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime", "--mtime=" + time, "--clamp-mtime",
                "--exclude=./dev/*", "--exclude=./proc/*", "--exclude=./sys/*", ".",
            ],
            [],
            root.Log);
        byte[] configuration = Configuration(DigestOf(layer), architecture, origin);
        string name = Convert.ToHexStringLower(SHA256.HashData(configuration)) + ".json";
        File.WriteAllBytes(Path.Combine(_parts, name), configuration);
        File.WriteAllBytes(Path.Combine(_parts, "manifest.json"), Manifest(name, reference));
    }

    /// <summary>Starts to send the archive; the caller reads it to its end and then waits for the process.</summary>
    public (FileStream Content, SpawnedProcess Process) Open()
    {
        using DescriptorPair pipe = DescriptorPair.Pipe();
        using SafeFileHandle log = File.OpenHandle(root.Log, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        SpawnedProcess process = _tar.Start(["--create", "--file=-", "--directory=" + _parts, "--sort=name", "."], [], pipe.Second, log);
        SafeFileHandle reader = new(pipe.First.DangerousGetHandle(), ownsHandle: true);
        pipe.First.SetHandleAsInvalid();
        return (new FileStream(reader, FileAccess.Read, bufferSize: 0), process);
    }

    /// <summary>Waits for the end of <see cref="Open"/>'s process.</summary>
    public void Expect(SpawnedProcess process) => _tar.Expect(process, root.Log);

    private static string DigestOf(string path)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20, FileOptions.SequentialScan);
        return "sha256:" + Convert.ToHexStringLower(SHA256.HashData(file));
    }

    private byte[] Configuration(string layer, string architecture, string origin)
    {
        string created = root.Time.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        (string name, string? variant) = Distribution.ImageArchitecture(architecture);
        return Json(writer =>
        {
            writer.WriteString("created", created);
            writer.WriteString("architecture", name);
            if (variant is not null)
            {
                writer.WriteString("variant", variant);
            }

            writer.WriteString("os", "linux");
            writer.WriteStartObject("config");
            WriteList(writer, "Env", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
            WriteList(writer, "Cmd", "bash");
            writer.WriteEndObject();
            writer.WriteStartObject("rootfs");
            writer.WriteString("type", "layers");
            WriteList(writer, "diff_ids", layer);
            writer.WriteEndObject();
            writer.WriteStartArray("history");
            writer.WriteStartObject();
            writer.WriteString("created", created);
            writer.WriteString("created_by", origin);
            writer.WriteEndObject();
            writer.WriteEndArray();
        });
    }

    private static byte[] Manifest(string configuration, string reference)
    {
        byte[] image = Json(writer =>
        {
            writer.WriteString("Config", configuration);
            WriteList(writer, "RepoTags", reference);
            WriteList(writer, "Layers", LayerName);
        });
        return [(byte)'[', .. image, (byte)']'];
    }

    private static byte[] Json(Action<Utf8JsonWriter> members)
    {
        using MemoryStream text = new();
        using (Utf8JsonWriter writer = new(text))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }

        return text.ToArray();
    }

    private static void WriteList(Utf8JsonWriter writer, string name, string value)
    {
        writer.WriteStartArray(name);
        writer.WriteStringValue(value);
        writer.WriteEndArray();
    }
}
