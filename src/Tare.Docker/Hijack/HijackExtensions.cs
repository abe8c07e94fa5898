using Microsoft.AspNetCore.Connections;

namespace Tare.Docker.Hijack;

/// <summary>Lets requests of a listener take over their connection.</summary>
public static class HijackExtensions
{
    /// <summary>
    /// Adds the middleware that attach and exec start need: Kestrel itself upgrades no request that carries a body, and aborts a connection whose client has ended its side.
    /// </summary>
    /// <param name="builder">The listener's pipeline.</param>
    /// <param name="restsAt">Bytes: the transport reads nothing more while it has read so many and nobody has looked at them. 0 where it goes on.</param>
    public static IConnectionBuilder UseHijack(this IConnectionBuilder builder, long restsAt = 0) => builder.Use(next => async connection =>
    {
        await using HijackableConnection hijackable = new(connection, restsAt);
        await next(hijackable);
    });
}
