using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Tare.Linux;
using Tare.Linux.Files;
using Tare.Linux.Interop;
using Tare.Linux.Processes;
using Tare.Oci.Runtime;

namespace Tare.Runtime.Commands;

/// <summary>
/// Readiness of the container for a service manager (sd_notify(3)). The container does not get the manager's socket, but one in a folder of its state:
/// what it says there is passed on as far as it concerns readiness, with the pid that the manager is to watch, as runc does it. Disposing closes it.
/// </summary>
internal sealed unsafe class NotifySocket : IDisposable
{
    private const string Variable = "NOTIFY_SOCKET";
    private const string FolderName = "notify";
    private const string SocketName = "notify.sock";
    private const string FolderInside = "/run/notify";
    private const int LongestMessage = 4096;
    private const int BarrierMilliseconds = 30_000;
    private readonly string _manager;
    private readonly string _folder;
    private readonly Action<string> _warn;
    private SafeFileHandle? _socket;

    private NotifySocket(string manager, string folder, Action<string> warn)
    {
        _warn = warn;
        _manager = manager;
        _folder = folder;
    }

    /// <summary>The socket to watch; -1 before <see cref="Listen"/>.</summary>
    public int Descriptor => _socket is null ? -1 : (int)_socket.DangerousGetHandle();

    /// <summary>The socket of a container, where this process was started by a service manager that waits; else null.</summary>
    /// <param name="stateRoot">The folder of all containers' state.</param>
    /// <param name="id">The container's id.</param>
    /// <param name="warn">Gets a sentence when the manager cannot be told: the container is ready all the same.</param>
    public static NotifySocket? FromEnvironment(string stateRoot, string id, Action<string> warn)
        => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } manager ? new NotifySocket(manager, Path.Combine(stateRoot, id, FolderName), warn) : null;

    /// <summary>Shows the folder to the container.</summary>
    public void AddTo(RuntimeSpec spec)
    {
        spec.Mounts = [.. spec.Mounts ?? [], new Mount { Destination = FolderInside, Type = "bind", Source = _folder, Options = ["bind", "nosuid", "noexec", "nodev", "ro"] }];
        if (spec.Process is { } process)
        {
            process.Env = [.. process.Env ?? [], $"{Variable}={FolderInside}/{SocketName}"];
        }
    }

    /// <summary>Makes the folder, once the container's state has its own.</summary>
    public void MakeFolder() => Directory.CreateDirectory(_folder, (UnixFileMode)0x1ED); // 0755

    /// <summary>Listens. A container that was not created for it has no folder, and nothing to say.</summary>
    /// <exception cref="LinuxException">The socket cannot be made.</exception>
    public void Listen()
    {
        if (!Directory.Exists(_folder))
        {
            return;
        }

        string path = Path.Combine(_folder, SocketName);
        int descriptor = Libc.socket(Libc.AF_UNIX, Libc.SOCK_DGRAM | Libc.SOCK_CLOEXEC, 0);
        _socket = descriptor < 0 ? throw LinuxException.Last("socket") : new SafeFileHandle(descriptor, ownsHandle: true);
        using SocketPath address = new(path);
        byte[] bytes = Address(address.Path);
        fixed (byte* start = bytes)
        {
            _ = Libc.unlink(path); // of a start that was cut short
            if (Libc.bind(descriptor, start, (uint)bytes.Length) != 0 || Libc.fchmodat(Libc.AT_FDCWD, path, 0x1FF, 0) != 0) // 0777
            {
                throw LinuxException.Last("bind", path);
            }
        }
    }

    /// <summary>Waits until the container is ready, and tells the manager, or until its process ends.</summary>
    /// <param name="pid">The first process outside, which the manager is to watch from now on.</param>
    /// <param name="process">The same.</param>
    public void Await(int pid, SafePidFd process)
    {
        Libc.pollfd* watched = stackalloc Libc.pollfd[2];
        watched[0] = new Libc.pollfd { fd = Descriptor, events = Libc.POLLIN };
        watched[1] = new Libc.pollfd { fd = process.Descriptor, events = Libc.POLLIN };
        while (watched[0].fd >= 0)
        {
            if (Libc.poll(watched, 2, -1) < 0)
            {
                continue; // a signal
            }

            // First what was said: a process may say it and end.
            if (watched[0].revents != 0 && PassOn(pid))
            {
                return;
            }

            if (watched[1].revents != 0)
            {
                return;
            }
        }
    }

    /// <summary>Takes one message, and passes readiness on.</summary>
    /// <param name="pid">The process that the manager is to watch; 0 leaves it with this one.</param>
    /// <returns>Whether the container said that it is ready.</returns>
    public bool PassOn(int pid)
    {
        byte* buffer = stackalloc byte[LongestMessage];
        nint length = Libc.read(Descriptor, buffer, LongestMessage);
        if (length <= 0 || ReadyLine(Encoding.UTF8.GetString(buffer, (int)length)) is not { } ready)
        {
            return false;
        }

        try
        {
            using SafeFileHandle manager = Connect();
            Send(manager, ready + "\n");
            if (pid > 0)
            {
                Send(manager, string.Create(CultureInfo.InvariantCulture, $"MAINPID={pid}\n"));
            }

            Barrier(manager);
        }
        catch (LinuxException failure)
        {
            _warn($"{Variable}: {failure.Message}");
        }

        return true;
    }

    /// <summary>The assignment of READY in a message; null without one.</summary>
    internal static string? ReadyLine(string message)
        => Array.Find(message.Split('\n'), line => line.StartsWith("READY=", StringComparison.Ordinal));

    /// <inheritdoc/>
    public void Dispose() => _socket?.Dispose();

    private SafeFileHandle Connect()
    {
        int descriptor = Libc.socket(Libc.AF_UNIX, Libc.SOCK_DGRAM | Libc.SOCK_CLOEXEC, 0);
        SafeFileHandle socket = descriptor < 0 ? throw LinuxException.Last("socket") : new SafeFileHandle(descriptor, ownsHandle: true);
        byte[] bytes = Address(_manager);
        fixed (byte* start = bytes)
        {
            if (Libc.connect(descriptor, start, (uint)bytes.Length) != 0)
            {
                LinuxException failure = LinuxException.Last("connect", _manager);
                socket.Dispose();
                throw failure;
            }
        }

        return socket;
    }

    private void Send(SafeFileHandle manager, string message)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(message);
        fixed (byte* start = bytes)
        {
            if (Libc.write((int)manager.DangerousGetHandle(), start, (nuint)bytes.Length) < 0)
            {
                throw LinuxException.Last("write", _manager);
            }
        }
    }

    // The manager closes the pipe when it has read all before it: then this process may end without being mistaken for a stranger (sd_notify_barrier(3)).
    private static void Barrier(SafeFileHandle manager)
    {
        using DescriptorPair pipe = DescriptorPair.Pipe();
        DescriptorPassing.Send(manager, pipe.Second, "BARRIER=1");
        pipe.Second.Dispose();
        Libc.pollfd closed = new() { fd = (int)pipe.First.DangerousGetHandle(), events = 0 };
        while (Libc.poll(&closed, 1, BarrierMilliseconds) < 0)
        {
            // a signal
        }
    }

    // struct sockaddr_un; a name that begins with @ is an abstract one (unix(7)).
    private static byte[] Address(string path)
    {
        const int Longest = 107;
        byte[] name = Encoding.UTF8.GetBytes(path);
        if (name.Length > Longest)
        {
            throw new LinuxException(Errno.ENAMETOOLONG, "connect", path);
        }

        byte[] address = [(byte)Libc.AF_UNIX, 0, .. name, .. path.StartsWith('@') ? (ReadOnlySpan<byte>)[] : [0]];
        address[2] = path.StartsWith('@') ? (byte)0 : address[2];
        return address;
    }
}
