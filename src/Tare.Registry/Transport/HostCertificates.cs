using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Tare.Registry.Transport;

/// <summary>
/// What the machine's owner laid down for one registry, in dockerd's layout: <c>certs.d/HOST[:PORT]/*.crt</c> are authorities that are trusted besides the
/// system's, <c>NAME.cert</c> with <c>NAME.key</c> is a certificate that Tare shows of itself.
/// </summary>
/// <param name="Authorities">Trusted besides the system's.</param>
/// <param name="ClientCertificates">Shown to the registry, with their private keys.</param>
internal sealed record HostCertificates(X509Certificate2Collection Authorities, X509Certificate2Collection ClientCertificates)
{
    /// <summary>What the folder of a host holds, in a word that changes when a file does; empty when there is no folder.</summary>
    public static string Fingerprint(string root, string host)
    {
        string folder = Path.Combine(root, host);
        return !Directory.Exists(folder) ? "" : string.Join('|', Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal)
            .Select(file => $"{Path.GetFileName(file)}:{File.GetLastWriteTimeUtc(file).Ticks}"));
    }

    /// <summary>Reads the folder of a host; null when there is none.</summary>
    /// <exception cref="RegistryException">A file cannot be read, or one of a pair is missing (dockerd's words).</exception>
    public static HostCertificates? Load(string root, string host)
    {
        string folder = Path.Combine(root, host);
        if (!Directory.Exists(folder))
        {
            return null;
        }

        X509Certificate2Collection authorities = [];
        X509Certificate2Collection own = [];
        foreach (string file in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
        {
            try
            {
                Add(file, authorities, own);
            }
            catch (Exception failure) when (failure is CryptographicException or IOException or UnauthorizedAccessException)
            {
                throw new RegistryException(RegistryErrorKind.Protocol, $"read certificate \"{file}\": {failure.Message}", failure);
            }
        }

        return new HostCertificates(authorities, own);
    }

    private static void Add(string file, X509Certificate2Collection authorities, X509Certificate2Collection own)
    {
        switch (Path.GetExtension(file))
        {
            case ".crt":
                authorities.ImportFromPemFile(file);
                break;
            case ".cert":
                string key = Path.ChangeExtension(file, ".key");
                if (!File.Exists(key))
                {
                    throw new RegistryException(RegistryErrorKind.Protocol,
                        $"missing key {Path.GetFileName(key)} for client certificate {Path.GetFileName(file)}. CA certificates must use the extension .crt");
                }

                own.Add(X509Certificate2.CreateFromPemFile(file, key));
                break;
            case ".key":
                string certificate = Path.ChangeExtension(file, ".cert");
                if (!File.Exists(certificate))
                {
                    throw new RegistryException(RegistryErrorKind.Protocol, $"missing client certificate {Path.GetFileName(certificate)} for key {Path.GetFileName(file)}");
                }

                break;
        }
    }
}
