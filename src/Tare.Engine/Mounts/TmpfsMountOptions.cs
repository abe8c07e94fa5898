using System.Globalization;
using System.Text;
using Tare.Engine.Containers;
using Tare.Engine.Errors;

namespace Tare.Engine.Mounts;

/// <summary>Options of tmpfs mounts.</summary>
internal static class TmpfsMountOptions
{
    private static readonly string[] s_flags =
    [
        "defaults", "ro", "rw", "suid", "nosuid", "dev", "nodev", "exec", "noexec", "sync", "async", "dirsync", "remount", "mand", "nomand", "atime",
        "noatime", "diratime", "nodiratime", "bind", "rbind", "unbindable", "runbindable", "private", "rprivate", "shared", "rshared", "slave", "rslave",
        "relatime", "norelatime", "strictatime", "nostrictatime",
    ];

    private static readonly string[] s_values = ["mode", "uid", "gid", "size", "nr_inodes", "nr_blocks", "mpol"];

    /// <summary>Refuses options that are no tmpfs's.</summary>
    /// <exception cref="EngineException">InvalidArgument: <c>invalid tmpfs option "x"</c>.</exception>
    public static void Check(string options)
    {
        foreach (string option in options.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = option.IndexOf('=', StringComparison.Ordinal);
            string name = equals < 0 ? option : option[..equals];
            if (equals < 0 ? !s_flags.Contains(name) : !s_values.Contains(name))
            {
                EngineErrors.ThrowInvalid($"invalid tmpfs option \"{name}\"");
            }
        }
    }

    /// <summary>Writes the long form's options as a text.</summary>
    public static string Format(TmpfsOptions? options, bool readOnly)
    {
        StringBuilder text = new(readOnly ? "ro" : "");
        void Append(string option) => text.Append(text.Length > 0 ? "," : "").Append(option);
        if (options?.Mode is > 0 and uint mode)
        {
            Append("mode=" + Convert.ToString((int)mode, 8));
        }

        if (options?.SizeBytes > 0)
        {
            Append(string.Create(CultureInfo.InvariantCulture, $"size={options.SizeBytes}"));
        }

        foreach (List<string> option in options?.Options ?? [])
        {
            Append(string.Join('=', option));
        }

        return text.ToString();
    }

    /// <summary>The options in force: Docker's <c>noexec,nosuid,nodev</c>, each overridden by the user's opposite.</summary>
    public static List<string> Effective(string options)
    {
        List<string> effective = ["noexec", "nosuid", "nodev"];
        foreach (string option in options.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            string opposite = option.StartsWith("no", StringComparison.Ordinal) ? option[2..] : "no" + option;
            effective.Remove(opposite);
            if (option != "defaults" && !effective.Contains(option))
            {
                effective.Add(option);
            }
        }

        return effective;
    }
}
