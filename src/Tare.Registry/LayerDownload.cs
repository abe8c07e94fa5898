using System.Net;
using Tare.Oci.Images;
using Tare.Storage;
using Tare.Storage.Content;

namespace Tare.Registry;

/// <summary>Brings one blob into the content store, over as many tries as it takes; a try goes on where the last one broke off, if the server lets it.</summary>
internal sealed class LayerDownload(RepositoryClient repository, ContentStore content, RegistryOptions options)
{
    /// <summary>Downloads a blob.</summary>
    /// <exception cref="RegistryException">It cannot be had, or is damaged.</exception>
    public async Task RunAsync(Digest digest, long size, IProgress<long> progress, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await using ResumingStream stream = new(repository, digest, size, options, cancellationToken);
                await content.IngestAsync(stream, digest, size, progress, cancellationToken);
                return;
            }
            catch (StorageException failure) when (failure.Kind is StorageErrorKind.NoSpace or StorageErrorKind.Refused)
            {
                throw new RegistryException(RegistryErrorKind.NoSpace, failure.Message, failure);
            }
            catch (StorageException failure)
            {
                throw new RegistryException(RegistryErrorKind.DataLoss, $"filesystem layer verification failed for digest {digest}: {failure.Message}", failure);
            }
            catch (Exception failure) when (ConnectionErrors.IsTransient(failure) && attempt < options.MaximumAttempts)
            {
                await Task.Delay(options.RetryPause * attempt, cancellationToken);
            }
            catch (Exception failure) when (failure is IOException or HttpRequestException)
            {
                throw new RegistryException(RegistryErrorKind.Unavailable, $"unexpected EOF: the download of {digest} broke off {attempt} times: {failure.Message}", failure);
            }
        }
    }

    /// <summary>Reads a blob over several connections: when one breaks, the next goes on at the same byte (Range, RFC 9110 section 14).</summary>
    private sealed class ResumingStream(RepositoryClient repository, Digest digest, long size, RegistryOptions options, CancellationToken cancellationToken) : Stream
    {
        private readonly CancellationTokenSource _stall = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        private HttpResponseMessage? _response;
        private Stream? _body;
        private long _position;
        private int _resumed;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => size;

        public override long Position
        {
            get => _position;
            set => throw new NotSupportedException("a download cannot be wound");
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken token = default)
        {
            while (true)
            {
                _body ??= await OpenAsync();
                int read = 0;
                try
                {
                    _stall.CancelAfter(options.StallTimeout);
                    read = await _body.ReadAsync(buffer, _stall.Token);
                }
                catch (OperationCanceledException) when (_stall.IsCancellationRequested && !token.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
                {
                    throw new IOException($"nothing came for {options.StallTimeout.TotalSeconds:0} s");
                }
                catch (Exception failure) when (failure is IOException or HttpRequestException && CanResume)
                {
                    // Falls through to the next connection.
                }

                if (read > 0 || _position == size || buffer.IsEmpty)
                {
                    _position += read;
                    return read;
                }

                if (!CanResume)
                {
                    throw new EndOfStreamException($"the connection ended after {_position} of {size} bytes");
                }

                _resumed++;
                await CloseAsync();
                await Task.Delay(options.RetryPause / 4, token);
            }
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("downloads are read asynchronously");

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("a download cannot be wound");

        public override void SetLength(long value) => throw new NotSupportedException("a download has the length that it has");

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("the stream is for reading");

        public override async ValueTask DisposeAsync()
        {
            await CloseAsync();
            _stall.Dispose();
            await base.DisposeAsync();
        }

        private bool CanResume => _resumed < options.MaximumAttempts && _position > 0;

        private async Task<Stream> OpenAsync()
        {
            _response = await repository.OpenBlobAsync(digest, _position, cancellationToken);
            if (_position > 0 && _response.StatusCode != HttpStatusCode.PartialContent)
            {
                // This server does not resume: the whole blob comes again, and the caller starts over.
                _resumed = int.MaxValue;
                throw new IOException("the server does not resume downloads");
            }

            return await _response.Content.ReadAsStreamAsync(cancellationToken);
        }

        private async ValueTask CloseAsync()
        {
            if (_body is not null)
            {
                await _body.DisposeAsync();
            }

            _response?.Dispose();
            _body = null;
            _response = null;
        }
    }
}
