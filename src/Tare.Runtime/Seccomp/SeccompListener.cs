using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Tare.Linux;
using Tare.Linux.Files;
using Tare.Linux.Interop;
using Tare.Linux.Processes;
using Tare.Oci.Runtime;
using Tare.Runtime.Containers;

namespace Tare.Runtime.Seccomp;

/// <summary>
/// Hands the listener of a filter that notifies to the agent which listens at <c>listenerPath</c>: one connection, one containerProcessState with the
/// descriptor beside it (config-linux.md, The Container Process State).
/// </summary>
internal static class SeccompListener
{
    /// <summary>
    /// The sockets over which a child sends the listener, where this process may not take it from the child by itself: without privileges, since the child
    /// is not dumpable. Null where it may, or where the filter has no listener. The caller disposes of it.
    /// </summary>
    public static DescriptorPair? SocketsFor(SeccompFilter? filter) => filter is { Notifies: true } && Libc.geteuid() != 0 ? DescriptorPair.Sockets() : null;

    /// <summary>Takes the descriptor over from the child and sends it.</summary>
    /// <param name="filter">The filter.</param>
    /// <param name="child">The child that loaded the filter.</param>
    /// <param name="pid">Its pid outside.</param>
    /// <param name="descriptor">The descriptor's number there.</param>
    /// <param name="state">The container's state: creating, or running for a process that joins.</param>
    /// <param name="sockets">What <see cref="SocketsFor"/> gave.</param>
    /// <exception cref="RuntimeException">Nobody listens, or the kernel does not give the descriptor away.</exception>
    public static void HandOver(SeccompFilter filter, SafePidFd child, int pid, int descriptor, ContainerState state, DescriptorPair? sockets)
    {
        try
        {
            using SafeFileHandle listener = sockets is null
                ? Take(child, descriptor)
                : DescriptorPassing.Receive(sockets.First) ?? throw new LinuxException(Errno.ECONNRESET, "recvmsg", "seccomp listener");
            using SafeFileHandle socket = DescriptorPassing.Connect(filter.ListenerPath!);
            DescriptorPassing.Send(socket, listener, Encoding.UTF8.GetString(Document(pid, filter.ListenerMetadata, state)));
        }
        catch (LinuxException failure)
        {
            throw new RuntimeException(ErrorKind.Step, $"seccomp listener \"{filter.ListenerPath}\": {failure.Message}", failure.Errno, failure);
        }
    }

    /// <summary>The process behind a small init, which the filter belongs to: its only child at this time.</summary>
    /// <exception cref="RuntimeException">It has ended.</exception>
    public static int ChildOf(int init)
    {
        string path = string.Create(CultureInfo.InvariantCulture, $"/proc/{init}/task/{init}/children");
        return int.TryParse(File.ReadAllText(path).Split(' ')[0], NumberStyles.None, CultureInfo.InvariantCulture, out int child)
            ? child
            : throw new RuntimeException(ErrorKind.Step, "seccomp listener: the container's process has ended");
    }

    /// <summary>The document that goes with the descriptor.</summary>
    /// <param name="pid">The process's pid outside.</param>
    /// <param name="metadata">listenerMetadata; null for none.</param>
    /// <param name="state">The container's state.</param>
    internal static byte[] Document(int pid, string? metadata, ContainerState state)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("ociVersion"u8, SpecVersion.Current);
            writer.WriteStartArray("fds"u8);
            writer.WriteStringValue("seccompFd"u8);
            writer.WriteEndArray();
            writer.WriteNumber("pid"u8, pid);
            if (!string.IsNullOrEmpty(metadata))
            {
                writer.WriteString("metadata"u8, metadata);
            }

            writer.WritePropertyName("state"u8);
            writer.WriteRawValue(RuntimeDocument.Write(state));
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static SafeFileHandle Take(SafePidFd child, int descriptor)
    {
        nint taken = Libc.Syscall(Syscalls.PidfdGetfd, child.Descriptor, descriptor, 0);
        return taken < 0 ? throw LinuxException.Last("pidfd_getfd") : new SafeFileHandle(taken, ownsHandle: true);
    }
}
