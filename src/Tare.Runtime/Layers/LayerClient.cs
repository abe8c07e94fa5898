using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Tare.Linux;
using Tare.Linux.Files;
using Tare.Linux.Interop;
using Tare.Runtime.Shim.Loop;

namespace Tare.Runtime.Layers;

/// <summary>
/// Speaks to the server of a limited layer.
/// <code>
/// client                    server
/// mount             --&gt;
///                   &lt;--     ok, and the mount's descriptor: once
/// limit 104857600   --&gt;
///                   &lt;--     ok
/// sync              --&gt;
///                   &lt;--     ok, when all that the kernel asked before is done
/// anything          --&gt;
///                   &lt;--     error: what is wrong
/// </code>
/// </summary>
public static class LayerClient
{
    // A layer of many files is counted first, and an earlier server may have to end.
    private const int PatienceSeconds = 120;
    private const int ReceiveTimeout = 20; // SO_RCVTIMEO
    internal const string MountRequest = "mount";
    internal const string LimitRequest = "limit ";
    internal const string SyncRequest = "sync";
    internal const string Done = "ok";

    /// <summary>Takes the mount, which is the caller's from here on: the layer's folders are in it, and it ends with its last user.</summary>
    /// <param name="socketPath">The server's socket.</param>
    /// <exception cref="IOException">There is no server, or it could not mount.</exception>
    public static SafeFileHandle TakeMount(string socketPath)
    {
        string answer = Ask(socketPath, MountRequest, out SafeFileHandle? mount);
        return mount ?? throw new IOException($"limit of the writable layer: {Reason(answer)}");
    }

    /// <summary>Sets another limit.</summary>
    /// <param name="socketPath">The server's socket.</param>
    /// <param name="bytes">The limit. One below what is occupied lets nothing more be written.</param>
    /// <exception cref="IOException">There is no server.</exception>
    public static void SetLimit(string socketPath, long bytes)
    {
        Do(socketPath, string.Create(CultureInfo.InvariantCulture, $"{LimitRequest}{bytes}"));
    }

    /// <summary>Waits until all that the kernel has asked for is done.</summary>
    /// <param name="socketPath">The server's socket.</param>
    /// <exception cref="IOException">There is no server.</exception>
    public static void Synchronize(string socketPath) => Do(socketPath, SyncRequest);

    private static void Do(string socketPath, string request)
    {
        string answer = Ask(socketPath, request, out SafeFileHandle? unexpected);
        unexpected?.Dispose();
        if (answer != Done)
        {
            throw new IOException($"limit of the writable layer: {Reason(answer)}");
        }
    }

    private static string Reason(string answer) => answer.Length == 0 ? "its server has ended" : answer;

    private static string Ask(string socketPath, string request, out SafeFileHandle? descriptor)
    {
        using SocketPath address = new(socketPath);
        using SafeFileHandle socket = DescriptorPassing.Connect(address.Path);
        SetPatience(socket);
        _ = Descriptors.Send(Descriptors.Number(socket), Encoding.ASCII.GetBytes(request));
        Span<byte> answer = stackalloc byte[512];
        try
        {
            int length = DescriptorPassing.Receive(socket, answer, out descriptor);
            return Encoding.UTF8.GetString(answer[..length]);
        }
        catch (LinuxException failure) when (failure.Errno == Errno.EAGAIN)
        {
            throw new IOException("limit of the writable layer: its server does not answer; an earlier mount may still be in use", failure);
        }
    }

    private static unsafe void SetPatience(SafeFileHandle socket)
    {
        Libc.timespec limit = new() { tv_sec = PatienceSeconds }; // struct timeval has the same form
        if (Libc.setsockopt(Descriptors.Number(socket), Libc.SOL_SOCKET, ReceiveTimeout, (int*)&limit, (uint)sizeof(Libc.timespec)) != 0)
        {
            throw LinuxException.Last("setsockopt");
        }
    }
}
