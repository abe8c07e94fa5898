using System.Buffers;
using System.Text.Json;
using Tare.Oci.Runtime;

namespace Tare.Runtime.Commands;

/// <summary>Writes what <see cref="DefaultSpec"/> makes, indented as runc indents it; properties that it never sets are not written.</summary>
internal static class DefaultSpecWriter
{
    /// <summary>The document, UTF-8, with a line end.</summary>
    public static byte[] Write(RuntimeSpec spec)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer, PlainJsonEncoder.WriterOptions(indented: true) with { IndentCharacter = '\t', IndentSize = 1 }))
        {
            writer.WriteStartObject();
            writer.WriteString("ociVersion"u8, spec.OciVersion);
            WriteProcess(writer, spec.Process!);
            writer.WriteStartObject("root"u8);
            writer.WriteString("path"u8, spec.Root!.Path);
            writer.WriteBoolean("readonly"u8, spec.Root.Readonly);
            writer.WriteEndObject();
            writer.WriteString("hostname"u8, spec.Hostname);
            WriteMounts(writer, spec.Mounts!);
            WriteLinux(writer, spec.Linux!);
            writer.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteProcess(Utf8JsonWriter writer, ProcessSpec process)
    {
        writer.WriteStartObject("process"u8);
        writer.WriteBoolean("terminal"u8, process.Terminal);
        writer.WriteStartObject("user"u8);
        writer.WriteNumber("uid"u8, process.User.Uid);
        writer.WriteNumber("gid"u8, process.User.Gid);
        writer.WriteEndObject();
        WriteList(writer, "args"u8, process.Args);
        WriteList(writer, "env"u8, process.Env);
        writer.WriteString("cwd"u8, process.Cwd);
        writer.WriteStartObject("capabilities"u8);
        WriteList(writer, "bounding"u8, process.Capabilities!.Bounding);
        WriteList(writer, "effective"u8, process.Capabilities.Effective);
        WriteList(writer, "permitted"u8, process.Capabilities.Permitted);
        writer.WriteEndObject();
        writer.WriteStartArray("rlimits"u8);
        foreach (Rlimit limit in process.Rlimits!)
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, limit.Type);
            writer.WriteNumber("hard"u8, limit.Hard);
            writer.WriteNumber("soft"u8, limit.Soft);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteBoolean("noNewPrivileges"u8, process.NoNewPrivileges);
        writer.WriteEndObject();
    }

    private static void WriteMounts(Utf8JsonWriter writer, List<Mount> mounts)
    {
        writer.WriteStartArray("mounts"u8);
        foreach (Mount mount in mounts)
        {
            writer.WriteStartObject();
            writer.WriteString("destination"u8, mount.Destination);
            writer.WriteString("type"u8, mount.Type);
            writer.WriteString("source"u8, mount.Source);
            WriteList(writer, "options"u8, mount.Options);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteLinux(Utf8JsonWriter writer, LinuxSpec linux)
    {
        writer.WriteStartObject("linux"u8);
        WriteIds(writer, "uidMappings"u8, linux.UidMappings);
        WriteIds(writer, "gidMappings"u8, linux.GidMappings);
        if (linux.Resources?.Devices is { } devices)
        {
            writer.WriteStartObject("resources"u8);
            writer.WriteStartArray("devices"u8);
            foreach (LinuxDeviceRule rule in devices)
            {
                writer.WriteStartObject();
                writer.WriteBoolean("allow"u8, rule.Allow);
                writer.WriteString("access"u8, rule.Access);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteStartArray("namespaces"u8);
        foreach (LinuxNamespace entry in linux.Namespaces!)
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, entry.Type);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        WriteList(writer, "maskedPaths"u8, linux.MaskedPaths);
        WriteList(writer, "readonlyPaths"u8, linux.ReadonlyPaths);
        writer.WriteEndObject();
    }

    private static void WriteIds(Utf8JsonWriter writer, ReadOnlySpan<byte> name, List<IdMapping>? mappings)
    {
        if (mappings is null)
        {
            return;
        }

        writer.WriteStartArray(name);
        foreach (IdMapping mapping in mappings)
        {
            writer.WriteStartObject();
            writer.WriteNumber("containerID"u8, mapping.ContainerId);
            writer.WriteNumber("hostID"u8, mapping.HostId);
            writer.WriteNumber("size"u8, mapping.Size);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteList(Utf8JsonWriter writer, ReadOnlySpan<byte> name, List<string>? values)
    {
        if (values is null)
        {
            return;
        }

        writer.WriteStartArray(name);
        foreach (string value in values)
        {
            writer.WriteStringValue(value);
        }

        writer.WriteEndArray();
    }
}
