using System.Runtime.InteropServices;
using System.Text.Json.Serialization;

namespace Tare.Oci.Images;

/// <summary>What an image runs on (image-spec, image-index.md, platform), in Go's words.</summary>
public sealed record Platform
{
    /// <summary>Processor architecture: <c>amd64</c>, <c>arm64</c>…</summary>
    [JsonPropertyName("architecture")]
    public string Architecture { get; init => field = value ?? ""; } = "";

    /// <summary>Operating system: <c>linux</c>.</summary>
    [JsonPropertyName("os")]
    public string Os { get; init => field = value ?? ""; } = "";

    /// <summary>Variant of the architecture: <c>v7</c>; null for most.</summary>
    [JsonPropertyName("variant")]
    public string? Variant { get; init; }

    /// <summary>Version of the operating system, where it matters; null for most.</summary>
    [JsonPropertyName("os.version")]
    public string? OsVersion { get; init; }

    /// <summary>Features of the operating system that are needed; null for most.</summary>
    [JsonPropertyName("os.features")]
    public IReadOnlyList<string>? OsFeatures { get; init; }

    /// <summary>This machine's.</summary>
    public static Platform Current { get; } = new()
    {
        Os = "linux",
        Architecture = RuntimeInformation.ProcessArchitecture switch
        {
            System.Runtime.InteropServices.Architecture.X64 => "amd64",
            System.Runtime.InteropServices.Architecture.Arm64 => "arm64",
            System.Runtime.InteropServices.Architecture.Arm => "arm",
            System.Runtime.InteropServices.Architecture.X86 => "386",
            System.Runtime.InteropServices.Architecture other => other.ToString().ToLowerInvariant(),
        },
    };

    private static readonly string[] s_systems =
        ["aix", "android", "darwin", "dragonfly", "freebsd", "hurd", "illumos", "ios", "js", "linux", "nacl", "netbsd", "openbsd", "plan9", "solaris", "windows", "zos"];

    private static readonly string[] s_architectures =
    [
        "386", "amd64", "amd64p32", "arm", "armbe", "arm64", "arm64be", "ppc64", "ppc64le", "loong64", "mips", "mipsle", "mips64", "mips64le", "mips64p32", "mips64p32le",
        "ppc", "riscv", "riscv64", "s390", "s390x", "sparc", "sparc64", "wasm",
    ];

    /// <summary>Reads <c>os/architecture[/variant]</c>, or a known system or architecture alone (the forms and words of containerd's platforms).</summary>
    /// <exception cref="FormatException">It is not of that form.</exception>
    public static Platform Parse(string text)
    {
        string[] parts = text.ToLowerInvariant().Split('/');
        CheckParts(text, parts);
        parts[0] = parts[0] == "macos" ? "darwin" : parts[0];
        Platform platform = parts switch
        {
            [string os] when s_systems.Contains(os) => Current with { Os = os },
            [string architecture] => Alone(text, architecture),
            [string os, string architecture] => new Platform { Os = os, Architecture = architecture },
            [string os, string architecture, string variant] => new Platform { Os = os, Architecture = architecture, Variant = variant },
            _ => throw new FormatException($"\"{text}\": cannot parse platform specifier: invalid argument"),
        };
        return platform.Normalize();
    }

    private static Platform Alone(string text, string architecture)
    {
        Platform platform = new Platform { Os = "linux", Architecture = architecture }.Normalize();
        return s_architectures.Contains(platform.Architecture) ? platform : throw new FormatException($"\"{text}\": unknown operating system or architecture: invalid argument");
    }

    private static void CheckParts(string text, string[] parts)
    {
        for (int i = 0; i < parts.Length; i++)
        {
            if (parts[i].Length == 0 || !parts[i].All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-'))
            {
                throw new FormatException(i == 0
                    ? $"\"{parts[i]}\" is an invalid OS component of \"{text}\": invalid argument"
                    : $"\"{parts[i]}\" is an invalid component of \"{text}\": invalid argument");
            }
        }
    }

    /// <summary>Whether an image of this platform runs where <paramref name="wanted"/> is asked for.</summary>
    public bool Matches(Platform wanted)
    {
        Platform mine = Normalize();
        Platform other = wanted.Normalize();
        return mine.Os == other.Os && mine.Architecture == other.Architecture && (other.Variant is null || mine.Variant is null || mine.Variant == other.Variant);
    }

    /// <inheritdoc/>
    public override string ToString() => Variant is null ? $"{Os}/{Architecture}" : $"{Os}/{Architecture}/{Variant}";

    private Platform Normalize() => (Architecture, Variant) switch
    {
        ("x86_64" or "x86-64", _) => this with { Architecture = "amd64" },
        ("aarch64", _) or ("arm64", "v8" or "8" or "") => this with { Architecture = "arm64", Variant = null },
        (_, "") => this with { Variant = null },
        _ => this,
    };
}
