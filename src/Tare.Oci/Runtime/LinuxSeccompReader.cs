using System.Text.Json;

namespace Tare.Oci.Runtime;

/// <summary>Reads the seccomp section; see <see cref="RuntimeDocument"/>.</summary>
internal static class LinuxSeccompReader
{
    public static LinuxSeccomp ReadLinuxSeccomp(ref Utf8JsonReader reader)
    {
        LinuxSeccomp value = new();
        while (reader.NextProperty())
        {
            if (reader.Is("defaultAction"u8))
            {
                value.DefaultAction = reader.GetString()!;
            }
            else if (reader.Is("defaultErrnoRet"u8))
            {
                value.DefaultErrnoRet = reader.NullableUInt32();
            }
            else if (reader.Is("architectures"u8))
            {
                value.Architectures = reader.StringList();
            }
            else if (reader.Is("flags"u8))
            {
                value.Flags = reader.StringList();
            }
            else if (reader.Is("listenerPath"u8))
            {
                value.ListenerPath = reader.GetString();
            }
            else if (reader.Is("listenerMetadata"u8))
            {
                value.ListenerMetadata = reader.GetString();
            }
            else if (reader.Is("syscalls"u8))
            {
                value.Syscalls = reader.List(ReadLinuxSyscallRule);
            }
            else
            {
                reader.SkipValue();
            }
        }

        return value;
    }

    public static LinuxSyscallRule ReadLinuxSyscallRule(ref Utf8JsonReader reader)
    {
        LinuxSyscallRule value = new();
        while (reader.NextProperty())
        {
            if (reader.Is("names"u8))
            {
                value.Names = reader.StringList()!;
            }
            else if (reader.Is("action"u8))
            {
                value.Action = reader.GetString()!;
            }
            else if (reader.Is("errnoRet"u8))
            {
                value.ErrnoRet = reader.NullableUInt32();
            }
            else if (reader.Is("args"u8))
            {
                value.Args = reader.List(ReadLinuxSyscallArgument);
            }
            else
            {
                reader.SkipValue();
            }
        }

        return value;
    }

    public static LinuxSyscallArgument ReadLinuxSyscallArgument(ref Utf8JsonReader reader)
    {
        LinuxSyscallArgument value = new();
        while (reader.NextProperty())
        {
            if (reader.Is("index"u8))
            {
                value.Index = reader.GetUInt32();
            }
            else if (reader.Is("value"u8))
            {
                value.Value = reader.GetUInt64();
            }
            else if (reader.Is("valueTwo"u8))
            {
                value.ValueTwo = reader.GetUInt64();
            }
            else if (reader.Is("op"u8))
            {
                value.Op = reader.GetString()!;
            }
            else
            {
                reader.SkipValue();
            }
        }

        return value;
    }
}
