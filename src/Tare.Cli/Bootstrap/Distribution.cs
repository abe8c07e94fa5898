using System.Runtime.InteropServices;
using Tare.Cli.CommandLine;

namespace Tare.Cli.Bootstrap;

/// <summary>A release of a distribution that debootstrap(8) can set up.</summary>
/// <param name="Name"><c>debian</c> or <c>ubuntu</c>.</param>
/// <param name="Suite">The release as debootstrap names it: <c>bookworm</c>, <c>stable</c>, <c>noble</c>.</param>
internal sealed record Distribution(string Name, string Suite)
{
    /// <summary>Reads <c>debian:bookworm</c>; without a suite it is Debian's <c>stable</c>. Debian's <c>latest</c> is stable too.</summary>
    /// <exception cref="CommandException">No such distribution, or a suite that is no name.</exception>
    public static Distribution Parse(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string name = colon < 0 ? text : text[..colon];
        string suite = colon < 0 ? string.Empty : text[(colon + 1)..];
        if (name is not ("debian" or "ubuntu"))
        {
            throw new CommandException($"\"{name}\" is no distribution that can be bootstrapped: debian:SUITE or ubuntu:SUITE, such as debian:bookworm");
        }

        if (suite is "" or "latest")
        {
            suite = name == "debian" ? "stable" : throw new CommandException("ubuntu needs a suite, such as ubuntu:noble");
        }

        return suite.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-') && char.IsAsciiLetter(suite[0])
            ? new Distribution(name, suite)
            : throw new CommandException($"\"{suite}\" is no suite of {name}, such as {(name == "debian" ? "bookworm" : "noble")}");
    }

    /// <summary>The mirror to take: the environment's <c>DEBIAN_MIRROR</c>, that of this machine where it runs the same distribution, or the public one.</summary>
    public string DefaultMirror()
    {
        if (Name == "debian" && Environment.GetEnvironmentVariable("DEBIAN_MIRROR") is { Length: > 0 } chosen)
        {
            return chosen;
        }

        return (IsThisMachine() ? AptSources.FirstMirror("/etc/apt") : null)
            ?? (Name == "debian" ? "http://deb.debian.org/debian" : "http://archive.ubuntu.com/ubuntu");
    }

    /// <summary>This machine's architecture in the words of dpkg(1).</summary>
    public static string OwnArchitecture => RuntimeInformation.OSArchitecture switch
    {
        Architecture.X64 => "amd64",
        Architecture.Arm64 => "arm64",
        Architecture.X86 => "i386",
        Architecture.Arm => "armhf",
        Architecture.Ppc64le => "ppc64el",
        Architecture other => other.ToString().ToLowerInvariant(),
    };

    /// <summary>An architecture of dpkg(1) in the words of the image specification, with its variant.</summary>
    public static (string Architecture, string? Variant) ImageArchitecture(string architecture) => architecture switch
    {
        "i386" => ("386", null),
        "armhf" => ("arm", "v7"),
        "armel" => ("arm", "v5"),
        "arm64" => ("arm64", "v8"),
        "ppc64el" => ("ppc64le", null),
        "mips64el" => ("mips64le", null),
        _ => (architecture, null),
    };

    private bool IsThisMachine()
        => File.Exists("/etc/os-release") && File.ReadLines("/etc/os-release").Any(line => line == "ID=" + Name);
}
