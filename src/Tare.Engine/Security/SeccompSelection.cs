using System.Runtime.InteropServices;
using System.Text.Json;
using Tare.Engine.Errors;
using Tare.Oci.Runtime;

namespace Tare.Engine.Security;

/// <summary>Chooses the seccomp filter of a container: none, Docker's default, or the user's profile, resolved for the container's capabilities.</summary>
internal static class SeccompSelection
{
    private static readonly Lazy<Version> s_kernel = new(ReadKernelVersion);

    /// <summary>The filter; null for none.</summary>
    /// <exception cref="EngineException">InvalidArgument: the user's profile cannot be read.</exception>
    /// <param name="profile">Null for the default, <c>unconfined</c>, or a profile's JSON.</param>
    /// <param name="capabilities">The container's.</param>
    /// <param name="privileged">Whether the container is privileged: it has a filter only when one is given.</param>
    public static LinuxSeccomp? Choose(string? profile, IReadOnlyCollection<string> capabilities, bool privileged) => profile switch
    {
        "unconfined" => null,
        null => privileged ? null : DefaultSeccompProfile.Create(capabilities, RuntimeInformation.ProcessArchitecture, s_kernel.Value),
        _ => Resolve(Parse(profile), capabilities),
    };

    /// <summary>Reads a profile.</summary>
    public static SeccompProfileDocument Parse(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, SeccompProfileJson.Default.SeccompProfileDocument)
                ?? throw new EngineException(ErrorClass.InvalidArgument, "decoding seccomp profile failed: it is null");
        }
        catch (JsonException e)
        {
            throw new EngineException(ErrorClass.InvalidArgument, $"decoding seccomp profile failed: {e.Message}", e);
        }
    }

    /// <summary>Resolves a profile's conditions.</summary>
    public static LinuxSeccomp Resolve(SeccompProfileDocument profile, IReadOnlyCollection<string> capabilities)
    {
        string architecture = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "SCMP_ARCH_AARCH64" : "SCMP_ARCH_X86_64";
        SeccompArchitectureDocument? own = profile.ArchMap?.Find(a => a.Architecture == architecture);
        return new LinuxSeccomp
        {
            DefaultAction = profile.DefaultAction,
            DefaultErrnoRet = profile.DefaultErrnoRet,
            Flags = profile.Flags is { Count: > 0 } flags ? flags : null,
            Architectures = own is not null ? [own.Architecture, .. own.SubArchitectures ?? []] : profile.Architectures,
            Syscalls = [.. (profile.Syscalls ?? []).Where(rule => Counts(rule, capabilities)).Select(Translate)],
        };
    }

    private static LinuxSyscallRule Translate(SeccompRuleDocument rule) => new()
    {
        Names = rule.Names is { Count: > 0 } names ? names : rule.Name is { Length: > 0 } name ? [name] : [],
        Action = rule.Action,
        ErrnoRet = rule.ErrnoRet,
        Args = rule.Args is { Count: > 0 } args ? args : null,
    };

    private static bool Counts(SeccompRuleDocument rule, IReadOnlyCollection<string> capabilities)
    {
        string architecture = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "amd64";
        if (rule.Excludes is { } no
            && ((no.Arches?.Contains(architecture) ?? false) || (no.Caps?.Exists(capabilities.Contains) ?? false) || (no.MinKernel is { } most && IsAtLeast(most))))
        {
            return false;
        }

        return rule.Includes is not { } yes
            || ((yes.Arches is null or [] || yes.Arches.Contains(architecture))
                && (yes.Caps?.TrueForAll(capabilities.Contains) ?? true)
                && (yes.MinKernel is null || IsAtLeast(yes.MinKernel)));
    }

    private static bool IsAtLeast(string version) => Version.TryParse(version, out Version? wanted) && s_kernel.Value >= wanted;

    private static Version ReadKernelVersion()
    {
        Version version = Environment.OSVersion.Version;
        return new Version(version.Major, version.Minor);
    }
}
