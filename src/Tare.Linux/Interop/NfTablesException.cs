namespace Tare.Linux.Interop;

/// <summary>The firewall refused commands; nothing of them is in force.</summary>
/// <param name="explanation">The words of libnftables: <c>Error: No such file or directory</c> and the place in the commands.</param>
public sealed class NfTablesException(string explanation) : IOException("nftables: " + explanation)
{
    /// <summary>The words of libnftables.</summary>
    public string Explanation { get; } = explanation;

    /// <summary>True when the commands name a table, chain or element that is not there.</summary>
    public bool IsNotFound => Explanation.Contains("No such file or directory", StringComparison.Ordinal);
}
