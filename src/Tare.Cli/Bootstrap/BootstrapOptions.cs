namespace Tare.Cli.Bootstrap;

/// <summary>What a bootstrapped root consists of.</summary>
/// <param name="Mirror">URL of the archive.</param>
/// <param name="Variant">debootstrap's variant: <c>minbase</c>, <c>buildd</c>.</param>
/// <param name="Architecture">In the words of dpkg(1).</param>
/// <param name="Include">Further packages.</param>
internal sealed record BootstrapOptions(string Mirror, string Variant, string Architecture, IReadOnlyList<string> Include);
