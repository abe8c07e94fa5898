using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Tare.Daemon.Options;

namespace Tare.Daemon.Hosting;

/// <summary>
/// TLS on the daemon's TCP sockets, with dockerd's options: the daemon's certificate, and with <c>--tlsverify</c> an authority that must have signed the client's. A middleware of the
/// connection below the one that hands connections over, since attach and exec need the bare bytes inside the encryption.
/// </summary>
internal sealed class ServerTls
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly SslServerAuthenticationOptions _options;

    private ServerTls(SslServerAuthenticationOptions options) => _options = options;

    /// <summary>Makes it of the set-up; null when no TLS is asked for.</summary>
    /// <exception cref="OptionException">A file is missing or wrong.</exception>
    public static ServerTls? Of(DaemonOptions options)
    {
        bool verify = options.TlsVerify == true;
        if (!verify && options.Tls != true)
        {
            return null;
        }

        string folder = Path.Combine(Environment.GetEnvironmentVariable("DOCKER_CERT_PATH") ?? Path.Combine(Environment.GetEnvironmentVariable("HOME") ?? "/root", ".docker"));
        try
        {
            string certificate = options.TlsCertificate ?? Path.Combine(folder, "cert.pem");
            SslServerAuthenticationOptions server = new()
            {
                ServerCertificate = X509Certificate2.CreateFromPemFile(certificate, options.TlsKey ?? Path.Combine(folder, "key.pem")),
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            };
            if (verify)
            {
                X509Certificate2Collection authorities = [];
                authorities.ImportFromPemFile(options.TlsAuthority ?? Path.Combine(folder, "ca.pem"));
                server.ClientCertificateRequired = true;
                server.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
                server.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
            }

            return new ServerTls(server);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new OptionException($"set up TLS: {e.Message}", e);
        }
    }

    /// <summary>Adds the middleware to a listener.</summary>
    public void Use(IConnectionBuilder builder) => builder.Use(next => async connection =>
    {
        IDuplexPipe bare = connection.Transport;
        await using SslStream secure = new(new PipeStream(bare), leaveInnerStreamOpen: false);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
        limit.CancelAfter(s_patience);
        try
        {
            await secure.AuthenticateAsServerAsync(_options, limit.Token);
        }
        catch (Exception e) when (e is AuthenticationException or IOException or OperationCanceledException)
        {
            // No client of this daemon, or one that has gone: nobody is there to be told.
            connection.Abort();
            return;
        }

        // Who would write to the socket itself has to know that it carries other bytes.
        connection.Features.Set<ITlsConnectionFeature>(new TlsConnectionFeature { ClientCertificate = secure.RemoteCertificate as X509Certificate2 });
        connection.Transport = new SecurePipe(PipeReader.Create(secure), PipeWriter.Create(secure));
        try
        {
            await next(connection);
        }
        finally
        {
            await connection.Transport.Input.CompleteAsync();
            await connection.Transport.Output.CompleteAsync();
            connection.Transport = bare;
        }
    });

    private sealed record SecurePipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
