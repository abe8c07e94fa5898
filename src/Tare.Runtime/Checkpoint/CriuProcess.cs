using Microsoft.Win32.SafeHandles;
using Tare.Linux;
using Tare.Linux.Files;
using Tare.Linux.Interop;
using Tare.Linux.Processes;
using Tare.Runtime.Containers;

namespace Tare.Runtime.Checkpoint;

/// <summary>
/// The program criu as a server of one request (<c>criu swrk</c>), over a socket of packets:
/// <code>
/// this process                      criu
///   criu_req ------------------------&gt;
///   &lt;------------------- criu_resp NOTIFY, with a descriptor beside it at times
///   criu_req NOTIFY, success --------&gt;     (as often as there are points)
///   &lt;------------------------ criu_resp of the request
/// </code>
/// Disposing ends it.
/// </summary>
internal sealed unsafe class CriuProcess : IDisposable
{
    private const int LargestMessage = 64 * 1024;
    private const int SocketNumber = 3;
    private readonly SafeFileHandle _socket;
    private readonly SpawnedProcess _process;
    private bool _reaped;

    private CriuProcess(SafeFileHandle socket, SpawnedProcess process)
    {
        _socket = socket;
        _process = process;
    }

    /// <summary>The number that criu has the first inherited descriptor under; the others follow.</summary>
    public const int FirstInherited = SocketNumber + 1;

    /// <summary>Its pid.</summary>
    public int Pid => _process.Pid;

    /// <summary>Starts it. It has this process's standard streams.</summary>
    /// <param name="inherited">Further descriptors that it gets.</param>
    /// <exception cref="RuntimeException">It is not installed.</exception>
    /// <exception cref="LinuxException">It cannot be started.</exception>
    public static CriuProcess Start(IReadOnlyList<SafeFileHandle>? inherited = null)
    {
        string path = Find();
        DescriptorPair sockets = DescriptorPair.PacketSockets();
        try
        {
            SpawnedProcess process = ProcessLauncher.Spawn(new SpawnRequest
            {
                Path = path,
                Arguments = ["criu", "swrk", SocketNumber.ToString(System.Globalization.CultureInfo.InvariantCulture)],
                Descriptors = [null, null, null, sockets.Second, .. inherited ?? []],
            });
            sockets.Second.Dispose(); // so that its end is seen
            return new CriuProcess(sockets.First, process);
        }
        catch
        {
            sockets.Dispose();
            throw;
        }
    }

    /// <summary>Makes the request, and answers notifications until its reply is there.</summary>
    /// <param name="request">The request.</param>
    /// <param name="notified">Gets each notification and the descriptor beside it, which it owns. An exception ends the conversation.</param>
    /// <returns>The reply, a success or not.</returns>
    /// <exception cref="RuntimeException">criu ended without a reply.</exception>
    public CriuReply Call(ProtobufWriter request, Action<CriuReply, SafeFileHandle?>? notified = null)
    {
        Send(request);
        byte[] buffer = new byte[LargestMessage];
        while (true)
        {
            int length = DescriptorPassing.Receive(_socket, buffer, out SafeFileHandle? beside);
            if (length == 0)
            {
                ExitStatus status = Wait();
                throw new RuntimeException(ErrorKind.Step, $"criu ended without an answer ({(status.Signal == 0 ? $"exit status {status.Code}" : $"signal {status.Signal}")})");
            }

            CriuReply reply = Parse(buffer.AsSpan(0, length));
            if (reply.Kind != CriuRequestKind.Notify || !reply.Success)
            {
                beside?.Dispose();
                return reply;
            }

            if (notified is null)
            {
                beside?.Dispose();
            }
            else
            {
                notified(reply, beside);
            }

            Send(new ProtobufWriter().Number(1, (int)CriuRequestKind.Notify).Flag(3, true));
        }
    }

    /// <summary>Lets it end, and takes its status.</summary>
    public ExitStatus Wait()
    {
        _socket.Dispose();
        _reaped = true;
        return ChildReaper.Wait(_process.PidFd);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_reaped)
        {
            _process.PidFd.TrySendSignal(Libc.SIGKILL);
            Wait();
        }

        _process.Dispose();
    }

    private static CriuReply Parse(ReadOnlySpan<byte> message)
    {
        try
        {
            return CriuReply.Parse(message);
        }
        catch (InvalidDataException failure)
        {
            throw new RuntimeException(ErrorKind.Step, $"criu sent a damaged message: {failure.Message}", inner: failure);
        }
    }

    private void Send(ProtobufWriter request)
    {
        fixed (byte* bytes = request.Written)
        {
            if (Libc.write((int)_socket.DangerousGetHandle(), bytes, (nuint)request.Written.Length) != request.Written.Length)
            {
                throw LinuxException.Last("write", "criu");
            }
        }
    }

    // In the words that callers know (runc).
    private static string Find()
    {
        foreach (string folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries))
        {
            string path = Path.Combine(folder, "criu");
            if (Path.IsPathRooted(folder) && FileStatus.TryGet(path, followLink: true, out FileStatus status) && status.Type == FileType.Regular && (status.Permissions & 0x49) != 0)
            {
                return path;
            }
        }

        throw new RuntimeException(ErrorKind.Invalid, "CRIU version check failed: exec: \"criu\": executable file not found in $PATH");
    }
}
