using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Tare.Cli.Client;

/// <summary>TLS towards a daemon on TCP, set up as docker's client is: options, else DOCKER_TLS_VERIFY, DOCKER_TLS and DOCKER_CERT_PATH.</summary>
internal sealed class ClientTls
{
    private readonly X509Certificate2? _certificate;
    private readonly X509Certificate2Collection? _authorities;

    private ClientTls(X509Certificate2? certificate, X509Certificate2Collection? authorities) => (_certificate, _authorities) = (certificate, authorities);

    /// <summary>Makes it; null when no TLS is asked for.</summary>
    /// <exception cref="FormatException">A file cannot be read.</exception>
    /// <param name="tls">Whether TLS is asked for.</param>
    /// <param name="verify">Whether the daemon must have a certificate of the authority; null leaves it to DOCKER_TLS_VERIFY.</param>
    /// <param name="authority">File with the authority's certificates; empty for ca.pem.</param>
    /// <param name="certificate">File with the client's certificate; empty for cert.pem.</param>
    /// <param name="key">File with its key; empty for key.pem.</param>
    /// <param name="environment">The environment.</param>
    public static ClientTls? Of(bool tls, bool? verify, string authority, string certificate, string key, Func<string, string?> environment)
    {
        bool verifies = verify ?? !string.IsNullOrEmpty(environment("DOCKER_TLS_VERIFY"));
        if (!verifies && !tls && string.IsNullOrEmpty(environment("DOCKER_TLS")))
        {
            return null;
        }

        string folder = environment("DOCKER_CERT_PATH") is { Length: > 0 } named ? named : Path.Combine(environment("HOME") ?? "/root", ".docker");
        string authorityFile = authority.Length > 0 ? authority : Path.Combine(folder, "ca.pem");
        string certificateFile = certificate.Length > 0 ? certificate : Path.Combine(folder, "cert.pem");
        string keyFile = key.Length > 0 ? key : Path.Combine(folder, "key.pem");
        try
        {
            X509Certificate2Collection? authorities = null;
            if (verifies)
            {
                authorities = [];
                authorities.ImportFromPemFile(authorityFile);
            }

            // Files that were not named need not be there (as for docker's client).
            bool has = certificate.Length > 0 || key.Length > 0 || (File.Exists(certificateFile) && File.Exists(keyFile));
            return new ClientTls(has ? X509Certificate2.CreateFromPemFile(certificateFile, keyFile) : null, authorities);
        }
        catch (FileNotFoundException e)
        {
            throw new FormatException($"unable to resolve docker endpoint: open {e.FileName}: no such file or directory", e);
        }
        catch (DirectoryNotFoundException e)
        {
            throw new FormatException($"unable to resolve docker endpoint: open {authorityFile}: no such file or directory", e);
        }
        catch (CryptographicException e)
        {
            throw new FormatException($"unable to resolve docker endpoint: {e.Message}", e);
        }
    }

    /// <summary>Encrypts a connection. The result owns the stream.</summary>
    /// <exception cref="System.Security.Authentication.AuthenticationException">The daemon's certificate is not the authority's.</exception>
    public SslStream Secure(Stream stream, string host)
    {
        SslClientAuthenticationOptions options = new() { TargetHost = host };
        if (_authorities is null)
        {
#pragma warning disable CA5359 // --tls without --tlsverify: encrypted, to whomever
            options.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else
        {
            options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(_authorities);
        }

        if (_certificate is not null)
        {
            options.ClientCertificates = [_certificate];
        }

        SslStream secure = new(stream, leaveInnerStreamOpen: false);
        try
        {
            secure.AuthenticateAsClient(options);
            return secure;
        }
        catch
        {
            secure.Dispose();
            throw;
        }
    }
}
