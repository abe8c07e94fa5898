using System.Text.Json;

namespace Tare.Oci.Runtime;

/// <summary>Reads the document itself, its root, mounts and hooks; see <see cref="RuntimeDocument"/>.</summary>
internal static class RuntimeSpecReader
{
    public static RuntimeSpec ReadRuntimeSpec(ref Utf8JsonReader reader)
    {
        RuntimeSpec value = new();
        while (reader.NextProperty())
        {
            if (reader.Is("ociVersion"u8))
            {
                value.OciVersion = reader.GetString()!;
            }
            else if (reader.Is("hooks"u8))
            {
                value.Hooks = reader.Object(ReadHooks);
            }
            else if (reader.Is("annotations"u8))
            {
                value.Annotations = reader.StringMap();
            }
            else if (reader.Is("hostname"u8))
            {
                value.Hostname = reader.GetString();
            }
            else if (reader.Is("domainname"u8))
            {
                value.Domainname = reader.GetString();
            }
            else if (reader.Is("root"u8))
            {
                value.Root = reader.Object(ReadRoot);
            }
            else if (reader.Is("mounts"u8))
            {
                value.Mounts = reader.List(ReadMount);
            }
            else if (reader.Is("process"u8))
            {
                value.Process = reader.Object(ProcessSpecReader.ReadProcessSpec);
            }
            else if (reader.Is("linux"u8))
            {
                value.Linux = reader.Object(LinuxSpecReader.ReadLinuxSpec);
            }
            else
            {
                reader.SkipValue();
            }
        }

        return value;
    }

    public static Root ReadRoot(ref Utf8JsonReader reader)
    {
        Root value = new();
        while (reader.NextProperty())
        {
            if (reader.Is("path"u8))
            {
                value.Path = reader.GetString()!;
            }
            else if (reader.Is("readonly"u8))
            {
                value.Readonly = reader.GetBoolean();
            }
            else
            {
                reader.SkipValue();
            }
        }

        return value;
    }

    public static Mount ReadMount(ref Utf8JsonReader reader)
    {
        Mount value = new();
        while (reader.NextProperty())
        {
            if (reader.Is("destination"u8))
            {
                value.Destination = reader.GetString()!;
            }
            else if (reader.Is("type"u8))
            {
                value.Type = reader.GetString();
            }
            else if (reader.Is("source"u8))
            {
                value.Source = reader.GetString();
            }
            else if (reader.Is("options"u8))
            {
                value.Options = reader.StringList();
            }
            else if (reader.Is("uidMappings"u8))
            {
                value.UidMappings = reader.List(LinuxSpecReader.ReadIdMapping);
            }
            else if (reader.Is("gidMappings"u8))
            {
                value.GidMappings = reader.List(LinuxSpecReader.ReadIdMapping);
            }
            else
            {
                reader.SkipValue();
            }
        }

        return value;
    }

    public static Hooks ReadHooks(ref Utf8JsonReader reader)
    {
        Hooks value = new();
        while (reader.NextProperty())
        {
            if (reader.Is("prestart"u8))
            {
                value.Prestart = reader.List(ReadHook);
            }
            else if (reader.Is("createRuntime"u8))
            {
                value.CreateRuntime = reader.List(ReadHook);
            }
            else if (reader.Is("createContainer"u8))
            {
                value.CreateContainer = reader.List(ReadHook);
            }
            else if (reader.Is("startContainer"u8))
            {
                value.StartContainer = reader.List(ReadHook);
            }
            else if (reader.Is("poststart"u8))
            {
                value.Poststart = reader.List(ReadHook);
            }
            else if (reader.Is("poststop"u8))
            {
                value.Poststop = reader.List(ReadHook);
            }
            else
            {
                reader.SkipValue();
            }
        }

        return value;
    }

    public static Hook ReadHook(ref Utf8JsonReader reader)
    {
        Hook value = new();
        while (reader.NextProperty())
        {
            if (reader.Is("path"u8))
            {
                value.Path = reader.GetString()!;
            }
            else if (reader.Is("args"u8))
            {
                value.Args = reader.StringList();
            }
            else if (reader.Is("env"u8))
            {
                value.Env = reader.StringList();
            }
            else if (reader.Is("timeout"u8))
            {
                value.Timeout = reader.NullableInt32();
            }
            else
            {
                reader.SkipValue();
            }
        }

        return value;
    }
}
