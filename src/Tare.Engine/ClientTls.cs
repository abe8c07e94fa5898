using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Tare.Engine.Errors;

namespace Tare.Engine;

/// <summary>The set-up of TLS towards a program that the user names: a log target, a volume plugin.</summary>
internal static class ClientTls
{
    /// <summary>Makes it.</summary>
    /// <exception cref="EngineException">InvalidArgument: a file cannot be read.</exception>
    /// <param name="host">Name that the certificate must have.</param>
    /// <param name="authority">File with the authorities that are trusted; empty for the machine's.</param>
    /// <param name="certificate">File with the client's certificate; empty for none.</param>
    /// <param name="key">File with its key.</param>
    /// <param name="skipVerify">Whether any certificate is taken.</param>
    public static SslClientAuthenticationOptions Of(string host, string authority, string certificate, string key, bool skipVerify)
    {
        try
        {
            SslClientAuthenticationOptions options = new() { TargetHost = host };
            if (skipVerify)
            {
#pragma warning disable CA5359 // the user's wish: syslog-tls-skip-verify, InsecureSkipVerify
                options.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
            }
            else if (authority.Length > 0)
            {
                X509Certificate2Collection roots = [];
                roots.ImportFromPemFile(authority);
                options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
                options.CertificateChainPolicy.CustomTrustStore.AddRange(roots);
            }

            if (certificate.Length > 0)
            {
                options.ClientCertificates = [X509Certificate2.CreateFromPemFile(certificate, key)];
            }

            return options;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new EngineException(ErrorClass.InvalidArgument, e.Message, e);
        }
    }
}
