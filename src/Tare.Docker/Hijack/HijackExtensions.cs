using Microsoft.AspNetCore.Connections;

namespace Tare.Docker.Hijack;

/// <summary>Lets requests of a listener take over their connection.</summary>
public static class HijackExtensions
{
    /// <summary>
    /// Adds the middleware that attach and exec start need: Kestrel itself upgrades no request that carries a body, and aborts a connection whose client has ended its side.
    /// </summary>
    /// <param name="builder">The listener's pipeline.</param>
    public static IConnectionBuilder UseHijack(this IConnectionBuilder builder) => builder.Use(next => async connection =>
    {
        await using HijackableConnection hijackable = new(connection);
        await next(hijackable);
    });
}
