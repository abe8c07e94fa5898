using Tare.Engine.Errors;
using Tare.Engine.Security;

namespace Tare.Engine.Validation;

/// <summary>The meaning of a container's <c>--security-opt</c> values.</summary>
internal sealed record SecurityOptions
{
    /// <summary>Whether execve can give the process no more privileges; null takes the daemon's default.</summary>
    public bool? NoNewPrivileges { get; init; }

    /// <summary>The seccomp profile: null means the default, <c>unconfined</c> none, otherwise Docker's JSON.</summary>
    public string? Seccomp { get; init; }

    /// <summary>The AppArmor profile; null means the default.</summary>
    public string? AppArmor { get; init; }

    /// <summary>Whether the container can write to its cgroup file system; null means only a privileged one can.</summary>
    public bool? WritableCgroups { get; init; }

    /// <summary>Reads the values. Labels (SELinux) are taken and ignored, as dockerd does on a kernel without SELinux.</summary>
    /// <exception cref="EngineException">Internal, as dockerd's: <c>invalid --security-opt</c>.</exception>
    /// <param name="values">The values; null for none.</param>
    public static SecurityOptions Parse(IEnumerable<string>? values)
    {
        SecurityOptions options = new();
        foreach (string value in values ?? [])
        {
            options = options.With(value);
        }

        return options;
    }

    /// <summary>The AppArmor profile that inspect tells and, where the kernel has AppArmor, the process gets; empty for none.</summary>
    /// <param name="privileged">Whether the container is privileged, and so not confined unless it names a profile.</param>
    public string AppArmorOf(bool privileged) => AppArmor is { Length: > 0 } ? AppArmor
        : !Security.AppArmor.IsEnabled ? ""
        : privileged ? AppArmorProfile.Unconfined
        : AppArmorProfile.DefaultName;

    private SecurityOptions With(string value)
    {
        if (value is "no-new-privileges")
        {
            return this with { NoNewPrivileges = true };
        }

        if (value is "writable-cgroups")
        {
            return this with { WritableCgroups = true };
        }

        if (value is "disable" or "systempaths=unconfined" or "systempaths:unconfined")
        {
            return this;
        }

        int split = value.IndexOfAny(['=', ':']);
        if (split < 0)
        {
            throw EngineErrors.Late($"invalid --security-opt 1: \"{value}\"");
        }

        string argument = value[(split + 1)..];
        switch (value[..split])
        {
            case "no-new-privileges":
                return this with { NoNewPrivileges = Truth(argument, value) };
            case "seccomp":
                return this with { Seccomp = argument is "builtin" ? null : argument };
            case "apparmor":
                return this with { AppArmor = argument };
            case "label":
                return this;
            case "writable-cgroups":
                return this with { WritableCgroups = Truth(argument, value) };
            default:
                throw EngineErrors.Late($"invalid --security-opt 2: \"{value}\"");
        }
    }

    // The words that Go's strconv.ParseBool knows.
    private static bool Truth(string argument, string value) => argument switch
    {
        "1" or "t" or "T" or "TRUE" or "true" or "True" => true,
        "0" or "f" or "F" or "FALSE" or "false" or "False" => false,
        _ => throw EngineErrors.Late($"invalid --security-opt 2: \"{value}\""),
    };
}
