using Tare.Linux.Streams;

namespace Tare.Cli.Client;

/// <summary>The body of a response as a stream that ends where the body ends.</summary>
/// <param name="connection">Where the bytes come from; not owned.</param>
/// <param name="head">The head that was read before.</param>
/// <param name="hasBody">False for answers without a body: HEAD, 204, 304.</param>
internal sealed class ResponseBody(HttpConnection connection, HttpResponseHead head, bool hasBody) : ForwardStream
{
    private long _left = !hasBody ? 0 : head.Chunked ? 0 : head.ContentLength ?? long.MaxValue;
    private bool _ended = !hasBody || (!head.Chunked && head.ContentLength == 0);
    private bool _chunkOpen;

    /// <summary>Whether the whole body was read, so that the connection can carry the next request.</summary>
    public bool Ended => _ended;

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        if (_ended || buffer.IsEmpty)
        {
            return 0;
        }

        if (head.Chunked && _left == 0 && !OpenChunk())
        {
            return 0;
        }

        int count = connection.Read(buffer[..(int)Math.Min(buffer.Length, _left)]);
        if (count == 0)
        {
            _ended = true;
            return head.Chunked || head.ContentLength is not null ? throw new EndOfStreamException("the daemon closed the connection within a response") : 0;
        }

        if (head.Chunked || head.ContentLength is not null)
        {
            _left -= count;
            _ended = _left == 0 && !head.Chunked;
        }

        return count;
    }

    /// <summary>Reads what is left of the body.</summary>
    public byte[] ReadAll()
    {
        using MemoryStream all = new(head.ContentLength is { } length and < 1 << 20 ? (int)length : 4096);
        byte[] block = new byte[4096];
        while (Read(block) is > 0 and int count)
        {
            all.Write(block, 0, count);
        }

        return all.ToArray();
    }

    private bool OpenChunk()
    {
        if (_chunkOpen)
        {
            connection.ReadLineEnd();
        }

        _left = connection.ReadChunkSize();
        _chunkOpen = true;
        if (_left == 0)
        {
            connection.ReadLineEnd();
            _ended = true;
        }

        return _left > 0;
    }
}
