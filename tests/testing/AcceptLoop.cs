using System.Net.Sockets;

namespace Tare.Testing;

/// <summary>Serves each connection to a listening socket on a task of its own, until the socket is disposed.</summary>
internal static class AcceptLoop
{
    /// <summary>Begins.</summary>
    /// <param name="listener">The listening socket.</param>
    /// <param name="serve">Serves a connection, which is its own.</param>
    public static void Start(Socket listener, Func<Socket, Task> serve) => _ = Task.Run(async () =>
    {
        while (true)
        {
            Socket client;
            try
            {
                client = await listener.AcceptAsync();
            }
            catch (Exception end) when (end is ObjectDisposedException or SocketException)
            {
                return;
            }

            _ = Task.Run(() => serve(client));
        }
    });
}
