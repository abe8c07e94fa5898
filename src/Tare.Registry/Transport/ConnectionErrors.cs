using System.Net.Sockets;
using System.Security.Authentication;

namespace Tare.Registry.Transport;

/// <summary>Failures below HTTP, in words that users of Docker know.</summary>
internal static class ConnectionErrors
{
    /// <summary>The error of a request that got no answer.</summary>
    public static RegistryException Describe(Uri uri, HttpRequestException failure)
    {
        string reason = failure.InnerException switch
        {
            SocketException { SocketErrorCode: SocketError.ConnectionRefused } => $"dial tcp {uri.Host}:{uri.Port}: connect: connection refused",
            SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData } => $"dial tcp: lookup {uri.Host}: no such host",
            SocketException socket => $"dial tcp {uri.Host}:{uri.Port}: {socket.Message}",
            AuthenticationException tls => $"tls: failed to verify certificate: {tls.Message}",
            { } inner => inner.Message,
            null => failure.Message,
        };
        return new RegistryException(RegistryErrorKind.Unavailable, $"Get \"{uri.Scheme}://{uri.Authority}/v2/\": {reason}", failure);
    }

    /// <summary>The error of a connection, TLS handshake included, that took too long.</summary>
    public static RegistryException TimedOut(Uri uri, OperationCanceledException failure)
        => new(RegistryErrorKind.Unavailable, $"Get \"{uri.Scheme}://{uri.Authority}/v2/\": the connection was not made in time", failure);

    /// <summary>Whether another try may do better: the connection broke, or the server is in trouble.</summary>
    public static bool IsTransient(Exception failure)
        => failure is IOException or HttpRequestException or RegistryException { Kind: RegistryErrorKind.Unavailable };
}
