using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Tare.Daemon.Hosting;

/// <summary>
/// Has what arrives on a connection handled by the thread that waits for all sockets, instead of one of the pool's that is woken each time. What follows there is the transport's own code alone,
/// which neither blocks nor calls a handler: those are given to the pool (ASP.NET Core 10, SocketConnection). The runtime's own switch is for the whole process, where other sockets' continuations do block.
/// </summary>
internal static class InlineCompletions
{
    /// <summary>Adds it to a listener; before anything that may take over a connection.</summary>
    /// <param name="builder">The listener's pipeline.</param>
    public static IConnectionBuilder UseInlineCompletions(this IConnectionBuilder builder) => builder.Use(static next => connection =>
    {
        if (connection.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket)
        {
            Set(socket.SafeHandle, true);
        }

        return next(connection);
    });

    // What says so for one socket has no public name (.NET 10).
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_PreferInlineCompletions")]
    private static extern void Set(SafeSocketHandle handle, bool value);
}
