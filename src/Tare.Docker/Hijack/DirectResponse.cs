using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Win32.SafeHandles;
using Tare.Docker.Routing;
using Tare.Engine.Archives;
using Tare.Linux;
using Tare.Linux.Interop;
using Tare.Linux.Streams;
using Tare.Storage.Tar;

namespace Tare.Docker.Hijack;

/// <summary>
/// The answer to a request for an archive, in chunks (RFC 9112 section 7.1) straight to the connection's socket: files go from the page cache to the socket, and the thread that
/// archives waits for nobody but the reader. The connection is closed afterwards.
/// </summary>
internal sealed class DirectResponse : ForwardStream, IFileOutput
{
    private const int PollMicroseconds = 250_000;
    private readonly Socket _socket;
    private readonly CancellationToken _aborted;
    private bool _hasChunk;

    private DirectResponse(Socket socket, CancellationToken aborted)
    {
        _socket = socket;
        _aborted = aborted;
    }

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <summary>Sends an archive. Headers that were set on the response go with it.</summary>
    /// <param name="request">A request without a body.</param>
    /// <param name="source">What to send.</param>
    /// <param name="contentType">Its media type.</param>
    public static async Task SendAsync(ApiRequest request, ArchiveSource source, string contentType)
    {
        HttpContext context = request.Context;
        context.Response.ContentType = contentType;
        HijackableConnection? connection = context.Features.Get<HijackableConnection>();
        // Over TLS the socket carries other bytes, and without HTTP/1.1 there are no chunks.
        if (connection?.PlainSocket is not { } socket || !HttpProtocol.IsHttp11(context.Request.Protocol))
        {
            await source.WriteToAsync(context.Response.Body, request.Aborted);
            return;
        }

        connection.Hijack();
        try
        {
            using DirectResponse response = new(socket, request.Aborted);
            response.Send(Encoding.ASCII.GetBytes(Head(context.Response)));
            await source.WriteToAsync(response, request.Aborted);
            response.Send(Encoding.ASCII.GetBytes(response._hasChunk ? "\r\n0\r\n\r\n" : "0\r\n\r\n"));
        }
        finally
        {
            // Kestrel must write no answer of its own behind ours; an answer without its last chunk is seen as cut off.
            await connection.Output.CompleteAsync();
            await connection.Input.CompleteAsync();
            context.Abort();
        }
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (!buffer.IsEmpty)
        {
            BeginChunk(buffer.Length);
            Send(buffer);
        }
    }

    /// <inheritdoc/>
    public unsafe void SendFile(SafeFileHandle file, long offset, long count)
    {
        BeginChunk(count);
        long end = offset + count;
        while (offset < end)
        {
            nint sent = Libc.sendfile((int)_socket.Handle, (int)file.DangerousGetHandle(), &offset, (nuint)Math.Min(end - offset, 1 << 30));
            if (sent == 0)
            {
                SendZeros(end - offset);
                break;
            }

            if (sent < 0)
            {
                AwaitOrThrow("sendfile");
            }
        }

        GC.KeepAlive(file);
    }

    private static string Head(HttpResponse response)
    {
        StringBuilder head = new("HTTP/1.1 200 OK\r\n");
        foreach ((string name, StringValues values) in response.Headers)
        {
            foreach (string? value in values)
            {
                head.Append(name).Append(": ").Append(value).Append("\r\n");
            }
        }

        return head.Append("Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n").ToString();
    }

    // The line that ends a chunk goes with the next one's head.
    private void BeginChunk(long length)
    {
        Send(Encoding.ASCII.GetBytes(_hasChunk ? $"\r\n{length:x}\r\n" : $"{length:x}\r\n"));
        _hasChunk = true;
    }

    private void SendZeros(long count)
    {
        byte[] zeros = new byte[Math.Min(count, 64 * 1024)];
        for (; count > 0; count -= zeros.Length)
        {
            Send(zeros.AsSpan(0, (int)Math.Min(zeros.Length, count)));
        }
    }

    private unsafe void Send(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            for (int done = 0; done < bytes.Length;)
            {
                Libc.iovec vector = new() { iov_base = start + done, iov_len = (nuint)(bytes.Length - done) };
                Libc.msghdr message = new() { msg_iov = &vector, msg_iovlen = 1 };
                nint sent = Libc.sendmsg((int)_socket.Handle, &message, Libc.MSG_DONTWAIT | Libc.MSG_NOSIGNAL);
                if (sent < 0)
                {
                    AwaitOrThrow("sendmsg");
                    continue;
                }

                done += (int)sent;
            }
        }
    }

    private void AwaitOrThrow(string call)
    {
        Errno errno = (Errno)Marshal.GetLastPInvokeError();
        if (errno is not (Errno.EAGAIN or Errno.EINTR))
        {
            throw new LinuxException(errno, call, "connection");
        }

        do
        {
            _aborted.ThrowIfCancellationRequested();
        }
        while (!_socket.Poll(PollMicroseconds, SelectMode.SelectWrite));
    }
}
