using System.Buffers;
using System.Text.Json;
using Tare.Linux.Cgroups;
using Tare.Linux.Namespaces;
using Tare.Oci.Runtime;

namespace Tare.Runtime.Containers;

/// <summary>state.json: what is kept of a container beside its configuration.</summary>
internal sealed class StateDocument
{
    /// <summary>The container's id.</summary>
    public string Id { get; set; } = "";

    /// <summary>The first process outside, in the name that programs read in runc's state.json.</summary>
    public int Pid { get; set; }

    /// <summary>The process's start in clock ticks after boot (proc(5), stat, field 22): tells it from a later one with the same pid.</summary>
    public ulong StartTicks { get; set; }

    /// <summary>When it was created, RFC 3339.</summary>
    public string Created { get; set; } = "";

    /// <summary>Absolute path of the bundle.</summary>
    public string Bundle { get; set; } = "";

    /// <summary>Absolute path of the root file system.</summary>
    public string Rootfs { get; set; } = "";

    /// <summary>User that created it.</summary>
    public string Owner { get; set; } = "";

    /// <summary>Path of the cgroup below the mount points.</summary>
    public string CgroupPath { get; set; } = "";

    /// <summary>The scope of systemd that the cgroup belongs to; empty without one.</summary>
    public string SystemdUnit { get; set; } = "";

    /// <summary>Whether the container has no session keyring of its own.</summary>
    public bool NoNewKeyring { get; set; }

    /// <summary>The document as JSON, UTF-8.</summary>
    /// <param name="cgroup">The container's cgroup.</param>
    /// <param name="spec">Its configuration.</param>
    public byte[] ToJson(Cgroup cgroup, RuntimeSpec spec)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer, PlainJsonEncoder.WriterOptions()))
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, Id);
            writer.WriteNumber("init_process_pid"u8, Pid);
            writer.WriteNumber("init_process_start"u8, StartTicks);
            writer.WriteString("created"u8, Created);
            writer.WriteString("bundle"u8, Bundle);
            writer.WriteString("rootfs"u8, Rootfs);
            writer.WriteString("owner"u8, Owner);
            writer.WriteString("cgroup_path"u8, CgroupPath);
            if (SystemdUnit.Length > 0)
            {
                writer.WriteString("systemd_unit"u8, SystemdUnit);
            }

            if (NoNewKeyring)
            {
                writer.WriteBoolean("no_new_keyring"u8, true);
            }

            WriteForOthers(writer, cgroup, spec);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    // What monitoring programs look up in runc's state.json; nothing here reads it.
    private void WriteForOthers(Utf8JsonWriter writer, Cgroup cgroup, RuntimeSpec spec)
    {
        writer.WriteBoolean("rootless"u8, Linux.Interop.Libc.geteuid() != 0);
        writer.WriteStartObject("cgroup_paths"u8);
        foreach (CgroupDirectory directory in cgroup.Directories)
        {
            if (directory.Hierarchy.IsUnified)
            {
                // As runc: beside version 1 it is of no account.
                if (cgroup.Hierarchies.Mode == CgroupMode.V2)
                {
                    writer.WriteString(""u8, directory.Path);
                }

                continue;
            }

            foreach (string controller in directory.Hierarchy.Controllers)
            {
                writer.WriteString(controller, directory.Path);
            }
        }

        writer.WriteEndObject();
        writer.WriteStartObject("namespace_paths"u8);
        foreach (NamespaceType type in NamespaceFiles.All)
        {
            writer.WriteString(NamespaceFiles.FlagName(type), NamespaceFiles.PathOf(Pid, type));
        }

        writer.WriteEndObject();
        writer.WriteStartObject("config"u8);
        writer.WriteString("rootfs"u8, Rootfs);
        writer.WriteString("hostname"u8, spec.Hostname ?? "");
        writer.WriteStartArray("labels"u8);
        foreach ((string name, string value) in spec.Annotations ?? [])
        {
            writer.WriteStringValue($"{name}={value}");
        }

        writer.WriteStringValue("bundle=" + Bundle);
        writer.WriteEndArray();
        writer.WriteStartObject("cgroups"u8);
        writer.WriteString("path"u8, CgroupPath);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>Reads a document.</summary>
    /// <exception cref="JsonException">It is damaged.</exception>
    public static StateDocument Parse(ReadOnlySpan<byte> json) => RuntimeDocument.Read(json, Read);

    private static StateDocument Read(ref Utf8JsonReader reader)
    {
        StateDocument value = new();
        while (reader.NextProperty())
        {
            if (reader.Is("id"u8))
            {
                value.Id = reader.GetString()!;
            }
            else if (reader.Is("init_process_pid"u8))
            {
                value.Pid = reader.GetInt32();
            }
            else if (reader.Is("init_process_start"u8))
            {
                value.StartTicks = reader.GetUInt64();
            }
            else if (reader.Is("created"u8))
            {
                value.Created = reader.GetString()!;
            }
            else if (reader.Is("bundle"u8))
            {
                value.Bundle = reader.GetString()!;
            }
            else if (reader.Is("rootfs"u8))
            {
                value.Rootfs = reader.GetString()!;
            }
            else if (reader.Is("owner"u8))
            {
                value.Owner = reader.GetString()!;
            }
            else if (reader.Is("systemd_unit"u8))
            {
                value.SystemdUnit = reader.GetString()!;
            }
            else if (reader.Is("no_new_keyring"u8))
            {
                value.NoNewKeyring = reader.GetBoolean();
            }
            else if (reader.Is("cgroup_path"u8))
            {
                value.CgroupPath = reader.GetString()!;
            }
            else
            {
                reader.SkipValue();
            }
        }

        return value;
    }
}
