using System.Text.Json;

namespace Tare.Oci.Runtime;

/// <summary>Reads a process; see <see cref="RuntimeDocument"/>.</summary>
internal static class ProcessSpecReader
{
    public static ProcessSpec ReadProcessSpec(ref Utf8JsonReader reader)
    {
        ProcessSpec value = new();
        while (reader.NextProperty())
        {
            if (reader.Is("terminal"u8))
            {
                value.Terminal = reader.GetBoolean();
            }
            else if (reader.Is("consoleSize"u8))
            {
                value.ConsoleSize = reader.Object(ReadConsoleSize);
            }
            else if (reader.Is("user"u8))
            {
                value.User = reader.Object(ReadUser)!;
            }
            else if (reader.Is("args"u8))
            {
                value.Args = reader.StringList();
            }
            else if (reader.Is("env"u8))
            {
                value.Env = reader.StringList();
            }
            else if (reader.Is("cwd"u8))
            {
                value.Cwd = reader.GetString()!;
            }
            else if (reader.Is("capabilities"u8))
            {
                value.Capabilities = reader.Object(ReadCapabilitySets);
            }
            else if (reader.Is("rlimits"u8))
            {
                value.Rlimits = reader.List(ReadRlimit);
            }
            else if (reader.Is("noNewPrivileges"u8))
            {
                value.NoNewPrivileges = reader.GetBoolean();
            }
            else if (reader.Is("apparmorProfile"u8))
            {
                value.ApparmorProfile = reader.GetString();
            }
            else if (reader.Is("selinuxLabel"u8))
            {
                value.SelinuxLabel = reader.GetString();
            }
            else if (reader.Is("oomScoreAdj"u8))
            {
                value.OomScoreAdj = reader.NullableInt32();
            }
            else if (reader.Is("scheduler"u8))
            {
                value.Scheduler = reader.Object(ReadScheduler);
            }
            else if (reader.Is("ioPriority"u8))
            {
                value.IoPriority = reader.Object(ReadIoPriority);
            }
            else if (reader.Is("execCPUAffinity"u8))
            {
                value.ExecCpuAffinity = reader.Object(ReadExecCpuAffinity);
            }
            else
            {
                reader.SkipValue();
            }
        }

        return value;
    }

    public static ConsoleSize ReadConsoleSize(ref Utf8JsonReader reader)
    {
        ConsoleSize value = new();
        while (reader.NextProperty())
        {
            if (reader.Is("height"u8))
            {
                value.Height = reader.GetUInt32();
            }
            else if (reader.Is("width"u8))
            {
                value.Width = reader.GetUInt32();
            }
            else
            {
                reader.SkipValue();
            }
        }

        return value;
    }

    public static User ReadUser(ref Utf8JsonReader reader)
    {
        User value = new();
        while (reader.NextProperty())
        {
            if (reader.Is("uid"u8))
            {
                value.Uid = reader.GetUInt32();
            }
            else if (reader.Is("gid"u8))
            {
                value.Gid = reader.GetUInt32();
            }
            else if (reader.Is("umask"u8))
            {
                value.Umask = reader.NullableUInt32();
            }
            else if (reader.Is("additionalGids"u8))
            {
                value.AdditionalGids = reader.UInt32List();
            }
            else
            {
                reader.SkipValue();
            }
        }

        return value;
    }

    public static CapabilitySets ReadCapabilitySets(ref Utf8JsonReader reader)
    {
        CapabilitySets value = new();
        while (reader.NextProperty())
        {
            if (reader.Is("bounding"u8))
            {
                value.Bounding = reader.StringList();
            }
            else if (reader.Is("effective"u8))
            {
                value.Effective = reader.StringList();
            }
            else if (reader.Is("inheritable"u8))
            {
                value.Inheritable = reader.StringList();
            }
            else if (reader.Is("permitted"u8))
            {
                value.Permitted = reader.StringList();
            }
            else if (reader.Is("ambient"u8))
            {
                value.Ambient = reader.StringList();
            }
            else
            {
                reader.SkipValue();
            }
        }

        return value;
    }

    public static Rlimit ReadRlimit(ref Utf8JsonReader reader)
    {
        Rlimit value = new();
        while (reader.NextProperty())
        {
            if (reader.Is("type"u8))
            {
                value.Type = reader.GetString()!;
            }
            else if (reader.Is("hard"u8))
            {
                value.Hard = reader.GetUInt64();
            }
            else if (reader.Is("soft"u8))
            {
                value.Soft = reader.GetUInt64();
            }
            else
            {
                reader.SkipValue();
            }
        }

        return value;
    }

    public static Scheduler ReadScheduler(ref Utf8JsonReader reader)
    {
        Scheduler value = new();
        while (reader.NextProperty())
        {
            if (reader.Is("policy"u8))
            {
                value.Policy = reader.GetString()!;
            }
            else if (reader.Is("nice"u8))
            {
                value.Nice = reader.GetInt32();
            }
            else if (reader.Is("priority"u8))
            {
                value.Priority = reader.GetInt32();
            }
            else if (reader.Is("flags"u8))
            {
                value.Flags = reader.StringList();
            }
            else if (reader.Is("runtime"u8))
            {
                value.Runtime = reader.GetUInt64();
            }
            else if (reader.Is("deadline"u8))
            {
                value.Deadline = reader.GetUInt64();
            }
            else if (reader.Is("period"u8))
            {
                value.Period = reader.GetUInt64();
            }
            else
            {
                reader.SkipValue();
            }
        }

        return value;
    }

    public static IoPriority ReadIoPriority(ref Utf8JsonReader reader)
    {
        IoPriority value = new();
        while (reader.NextProperty())
        {
            if (reader.Is("class"u8))
            {
                value.Class = reader.GetString()!;
            }
            else if (reader.Is("priority"u8))
            {
                value.Priority = reader.GetInt32();
            }
            else
            {
                reader.SkipValue();
            }
        }

        return value;
    }

    public static ExecCpuAffinity ReadExecCpuAffinity(ref Utf8JsonReader reader)
    {
        ExecCpuAffinity value = new();
        while (reader.NextProperty())
        {
            if (reader.Is("initial"u8))
            {
                value.Initial = reader.GetString();
            }
            else if (reader.Is("final"u8))
            {
                value.Final = reader.GetString();
            }
            else
            {
                reader.SkipValue();
            }
        }

        return value;
    }
}
