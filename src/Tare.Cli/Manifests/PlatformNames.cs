namespace Tare.Cli.Manifests;

/// <summary>Which architectures there are for which operating system, in Go's words: what a manifest list may say.</summary>
internal static class PlatformNames
{
    private static readonly Dictionary<string, string[]> s_architectures = new(StringComparer.Ordinal)
    {
        ["darwin"] = ["386", "amd64", "arm", "arm64"],
        ["dragonfly"] = ["amd64"],
        ["freebsd"] = ["386", "amd64", "arm"],
        ["linux"] = ["386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle", "ppc64le", "riscv64", "s390x"],
        ["netbsd"] = ["386", "amd64", "arm"],
        ["openbsd"] = ["386", "amd64", "arm"],
        ["plan9"] = ["386", "amd64"],
        ["solaris"] = ["amd64"],
        ["windows"] = ["386", "amd64", "arm", "arm64"],
    };

    /// <summary>Whether there is such a platform.</summary>
    public static bool Has(string os, string architecture) => s_architectures.TryGetValue(os, out string[]? known) && known.Contains(architecture);
}
