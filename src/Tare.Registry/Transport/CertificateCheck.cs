using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Tare.Registry.Transport;

/// <summary>Checks a registry's certificate against the system's authorities and those laid down for the host. Refusals are worded as users of Docker know them.</summary>
internal static class CertificateCheck
{
    /// <summary>The check for a host.</summary>
    /// <param name="authorities">Trusted besides the system's.</param>
    public static RemoteCertificateValidationCallback For(X509Certificate2Collection authorities)
        => (_, certificate, chain, errors) => Accepts(certificate, chain, errors, authorities);

    private static bool Accepts(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors, X509Certificate2Collection authorities)
    {
        if (errors == SslPolicyErrors.None)
        {
            return true;
        }

        if (certificate is not X509Certificate2 shown)
        {
            throw new AuthenticationException("the server shows no certificate");
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            throw new AuthenticationException($"x509: certificate is valid for {Names(shown)}, not for the name of the registry");
        }

        using X509Chain own = new();
        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.CustomTrustStore.AddRange(authorities);
        own.ChainPolicy.ExtraStore.AddRange(authorities);
        own.ChainPolicy.DisableCertificateDownloads = true;
        own.ChainPolicy.ExtraStore.AddRange(chain?.ChainElements.Select(element => element.Certificate).ToArray() ?? []);

        if (authorities.Count > 0 && (own.Build(shown) || EndsInTrusted(own, authorities)))
        {
            return true;
        }

        X509Chain judged = authorities.Count > 0 ? own : chain ?? own;
        bool expired = judged.ChainStatus.Any(status => status.Status.HasFlag(X509ChainStatusFlags.NotTimeValid));
        throw new AuthenticationException(expired ? "x509: certificate has expired or is not yet valid" : "x509: certificate signed by unknown authority");
    }

    // An authority that another one signed is an end of the chain too where the owner laid it down.
    private static bool EndsInTrusted(X509Chain chain, X509Certificate2Collection authorities)
        => chain.ChainStatus.All(status => status.Status is X509ChainStatusFlags.PartialChain or X509ChainStatusFlags.NoError)
            && chain.ChainElements.Count > 0 && authorities.Any(authority => authority.RawDataMemory.Span.SequenceEqual(chain.ChainElements[^1].Certificate.RawDataMemory.Span));

    private static string Names(X509Certificate2 certificate)
    {
        X509SubjectAlternativeNameExtension? names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        List<string> all = [.. names?.EnumerateDnsNames() ?? [], .. names?.EnumerateIPAddresses().Select(address => address.ToString()) ?? []];
        return all.Count > 0 ? string.Join(", ", all) : "no name";
    }
}
