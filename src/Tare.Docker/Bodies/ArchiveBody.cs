using Microsoft.AspNetCore.Http;
using Tare.Docker.Hijack;
using Tare.Docker.Routing;

namespace Tare.Docker.Bodies;

/// <summary>The archive that a request carries, as a stream for a thread that may wait.</summary>
internal static class ArchiveBody
{
    /// <summary>Opens it. Nothing else may read the body. Whoever opens it closes it, before the request is over.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Ends the reads.</param>
    public static Stream Open(ApiRequest request, CancellationToken cancellationToken)
    {
        HttpContext context = request.Context;
        IHeaderDictionary headers = context.Request.Headers;
        // Over TLS the socket carries other bytes. A client that waits for a 100 gets it from Kestrel, when its stream is read.
        return context.Features.Get<HijackableConnection>() is { RestsAt: > 0, PlainSocket: { } socket } connection
            && HttpProtocol.IsHttp11(context.Request.Protocol)
            && headers.Expect.Count == 0
            && string.Equals(headers.TransferEncoding, "chunked", StringComparison.OrdinalIgnoreCase)
            ? new ChunkedBody(connection, socket, cancellationToken)
            : new BlockingReadStream(context.Request.Body, cancellationToken);
    }
}
