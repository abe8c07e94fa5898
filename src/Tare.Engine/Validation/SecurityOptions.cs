using Tare.Engine.Errors;

namespace Tare.Engine.Validation;

/// <summary>The meaning of a container's <c>--security-opt</c> values.</summary>
internal sealed record SecurityOptions
{
    /// <summary>Whether execve can give the process no more privileges.</summary>
    public bool NoNewPrivileges { get; init; }

    /// <summary>The seccomp profile: null means the default, <c>unconfined</c> none, otherwise Docker's JSON.</summary>
    public string? Seccomp { get; init; }

    /// <summary>The AppArmor profile; null means the default.</summary>
    public string? AppArmor { get; init; }

    /// <summary>Reads the values. Labels (SELinux) are taken and ignored, as dockerd does on a kernel without SELinux.</summary>
    /// <exception cref="EngineException">InvalidArgument: <c>invalid --security-opt</c>.</exception>
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

    private SecurityOptions With(string value)
    {
        if (value is "no-new-privileges")
        {
            return this with { NoNewPrivileges = true };
        }

        if (value is "disable" or "systempaths=unconfined" or "systempaths:unconfined")
        {
            return this;
        }

        int split = value.IndexOfAny(['=', ':']);
        if (split < 0)
        {
            EngineErrors.ThrowInvalid($"invalid --security-opt 1: \"{value}\"");
        }

        string argument = value[(split + 1)..];
        switch (value[..split])
        {
            case "no-new-privileges":
                return bool.TryParse(argument, out bool on) || argument is "0" or "1"
                    ? this with { NoNewPrivileges = on || argument == "1" }
                    : throw new EngineException(ErrorClass.InvalidArgument, $"invalid --security-opt 2: \"{value}\"");
            case "seccomp":
                return this with { Seccomp = argument is "builtin" ? null : argument };
            case "apparmor":
                return this with { AppArmor = argument };
            case "label":
                return this;
            case "writable-cgroups":
                return this;
            default:
                throw new EngineException(ErrorClass.InvalidArgument, $"invalid --security-opt 2: \"{value}\"");
        }
    }
}
