using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Tare.Testing;

/// <summary>An authority, a server's certificate for localhost and a client's, as files named as docker's client expects them.</summary>
public static class TlsFiles
{
    /// <summary>Writes <c>ca.pem</c>, <c>server-cert.pem</c>, <c>server-key.pem</c>, <c>cert.pem</c> and <c>key.pem</c>.</summary>
    public static void Write(string folder)
    {
        using ECDsa authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest authority = new("CN=tare test authority", authorityKey, HashAlgorithmName.SHA256);
        authority.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        DateTimeOffset from = DateTimeOffset.UtcNow.AddDays(-1);
        using X509Certificate2 root = authority.CreateSelfSigned(from, from.AddDays(10));
        File.WriteAllText(folder + "/ca.pem", root.ExportCertificatePem());
        Issue(root, folder + "/server-", "CN=localhost", from);
        Issue(root, folder + "/", "CN=client", from);
    }

    private static void Issue(X509Certificate2 authority, string prefix, string name, DateTimeOffset from)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new(name, key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], critical: false));
        using X509Certificate2 certificate = request.Create(authority, from, from.AddDays(5), RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(prefix + "cert.pem", certificate.ExportCertificatePem());
        File.WriteAllText(prefix + "key.pem", key.ExportPkcs8PrivateKeyPem());
    }
}
