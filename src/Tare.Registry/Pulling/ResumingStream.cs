using System.Net;
using Tare.Linux.Streams;
using Tare.Oci.Images;
using Tare.Registry.Transport;

namespace Tare.Registry.Pulling;

/// <summary>
/// Reads a blob over as many connections as it takes: when one breaks or falls silent, the next goes on at the same byte (Range, RFC 9110 section 14). Where a
/// server does not resume, what was read already is read again and passed over; the digest at the end tells whether the two halves belong together. The first connection may begin in the
/// middle too, where an earlier download ended.
/// </summary>
/// <param name="repository">Where the blob is.</param>
/// <param name="digest">The blob.</param>
/// <param name="size">Its bytes.</param>
/// <param name="start">The first byte that is read.</param>
/// <param name="urls">Other places that are tried first.</param>
/// <param name="options">Times and limits.</param>
/// <param name="cancellationToken">Gives up.</param>
internal sealed class ResumingStream(
    RepositoryClient repository, Digest digest, long size, long start, IReadOnlyList<string> urls, RegistryOptions options, CancellationToken cancellationToken) : ForwardStream
{
    private readonly long _start = start;
    private HttpResponseMessage? _response;
    private Stream? _body;
    private long _position = start;
    private CancellationTokenSource? _stall; // of this connection
    private long _opened; // where this connection began
    private int _failures;

    /// <inheritdoc/>
    public override long Length => size;

    /// <inheritdoc/>
    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException("a download cannot be wound");
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken token = default)
    {
        while (true)
        {
            try
            {
                if (_body is null && _position > 0 && _position >= size)
                {
                    return 0; // nothing is left to ask for
                }

                _body ??= await OpenAsync();
                int read = await ReadBodyAsync(buffer, token);
                if (read > 0 || _position >= size || buffer.IsEmpty)
                {
                    _position += read;
                    return read;
                }

                throw new EndOfStreamException($"the connection ended after {_position} of {size} bytes");
            }
            catch (Exception failure) when (ConnectionErrors.IsTransient(failure) && !cancellationToken.IsCancellationRequested)
            {
                await CloseAsync();
                await PauseAsync(failure);
            }
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await CloseAsync();
        await base.DisposeAsync();
    }

    private async ValueTask<int> ReadBodyAsync(Memory<byte> buffer, CancellationToken token)
    {
        // One timer for many reads: a body that is there is read without waiting.
        ValueTask<int> reading = _body!.ReadAsync(buffer, _stall!.Token);
        if (reading.IsCompleted)
        {
            return await reading;
        }

        _stall.CancelAfter(options.StallTimeout);
        try
        {
            int read = await reading;
            _stall.CancelAfter(Timeout.InfiniteTimeSpan);
            return read;
        }
        catch (OperationCanceledException) when (_stall.IsCancellationRequested && !token.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new RegistryException(RegistryErrorKind.Unavailable, $"the download of {digest} fell silent: nothing came for {options.StallTimeout.TotalSeconds:0} s");
        }
    }

    /// <summary>Waits before the next connection, or gives up. A connection that brought much makes up for those that failed before it.</summary>
    private async Task PauseAsync(Exception failure)
    {
        const int Much = 1 << 20;
        _failures = _position - _opened >= Much ? 1 : _failures + 1;
        _opened = _position;
        TimeSpan? pause = failure switch
        {
            RegistryException { IsServerTrouble: true } => RetryPolicy.PauseAfter(failure, _failures, options),
            RegistryException when _position == _start => null, // it cannot be reached at all
            _ => options.RetryPause * (1 << Math.Min(_failures - 1, 6)),
        };
        if (_failures >= options.MaximumAttempts || pause is null)
        {
            throw failure is RegistryException
                ? failure
                : new RegistryException(RegistryErrorKind.Unavailable, $"unexpected EOF: the download of {digest} broke off {_failures} times: {failure.Message}", failure);
        }

        await Task.Delay(pause.Value, cancellationToken);
    }

    private async Task<Stream> OpenAsync()
    {
        _stall = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _response = await repository.OpenBlobAsync(digest, urls, _position, cancellationToken);
        Stream body = await _response.Content.ReadAsStreamAsync(cancellationToken);
        _opened = _position;
        if (_position > 0 && (_response.StatusCode != HttpStatusCode.PartialContent || _response.Content.Headers.ContentRange?.From is { } from && from != _position))
        {
            if (_response.StatusCode == HttpStatusCode.PartialContent)
            {
                throw new IOException("the server resumed at another byte than was asked for");
            }

            if (_response.Content.Headers.ContentLength is { } length && length < _position)
            {
                throw new RegistryException(RegistryErrorKind.DataLoss, $"the registry sent another blob than {digest}: {length} bytes, where {_position} came before");
            }

            _body = body;
            await SkipAsync(_position);
        }

        return body;
    }

    private async Task SkipAsync(long count)
    {
        byte[] sink = new byte[64 * 1024];
        while (count > 0)
        {
            int read = await ReadBodyAsync(sink.AsMemory(0, (int)Math.Min(sink.Length, count)), cancellationToken);
            count -= read > 0 ? read : throw new EndOfStreamException("the connection ended in what had been read already");
        }
    }

    private async ValueTask CloseAsync()
    {
        if (_body is not null)
        {
            await _body.DisposeAsync();
        }

        _response?.Dispose();
        _stall?.Dispose();
        _stall = null;
        _body = null;
        _response = null;
    }
}
