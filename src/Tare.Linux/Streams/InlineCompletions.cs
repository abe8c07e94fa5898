using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Tare.Linux.Streams;

/// <summary>
/// Has what happens on a socket handled by the thread that waits for all sockets, instead of one of the pool's, which is woken each time, also where nobody waits for anything. Only for
/// sockets behind whose reads and writes stands code that neither blocks nor lasts. The runtime's own switch is for the whole process.
/// </summary>
public static class InlineCompletions
{
    /// <summary>Asks for it, for good.</summary>
    /// <param name="socket">The socket.</param>
    public static void Use(Socket socket) => Set(socket.SafeHandle, true);

    // What says so for one socket has no public name (.NET 10).
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_PreferInlineCompletions")]
    private static extern void Set(SafeSocketHandle handle, bool value);
}
