using System.Buffers;
using System.IO.Pipelines;
using System.Net.WebSockets;
using Tare.Docker.Streams;
using Tare.Engine.Containers;

namespace Tare.Docker.Hijack;

/// <summary>
/// Carries bytes between a client that took over its connection and a container's streams, until the output ends, the client goes, or it types the detach keys.
/// </summary>
internal sealed class StreamBridge
{
    private const int BufferSize = 64 * 1024;

    // So much output is passed on by the thread that waits for all sockets before it is left to one of the pool.
    private const int InlineRounds = 16;

    // Only a client that has ended its side and gets no output is looked after by the clock.
    private static readonly TimeSpan s_probeInterval = TimeSpan.FromSeconds(2);

    private readonly IClientStreams _client;
    private readonly bool _hasStdin;
    private readonly DetachFilter? _detach;
    private readonly FrameStripper? _frames;
    private readonly int _headerSize;
    private readonly TimeProvider _time;

    /// <summary>Makes a bridge whose container side comes with <see cref="RunAsync"/>.</summary>
    /// <param name="client">The client's side; the caller disposes it.</param>
    /// <param name="hasStdin">Whether the client's bytes are input; otherwise they are dropped.</param>
    /// <param name="detachKeys">The keys that end it; null for none (without a terminal).</param>
    /// <param name="time">The clock.</param>
    /// <param name="framing">What becomes of the frames of the output.</param>
    public StreamBridge(IClientStreams client, bool hasStdin, byte[]? detachKeys, TimeProvider time, OutputFraming framing = OutputFraming.Kept)
    {
        _client = client;
        _hasStdin = hasStdin;
        _detach = detachKeys is null ? null : new DetachFilter(detachKeys);
        _frames = framing == OutputFraming.Stripped ? new FrameStripper() : null;
        _headerSize = framing == OutputFraming.Added ? FrameWriter.HeaderLength : 0;
        _time = time;
    }

    /// <summary>Carries bytes until an end comes.</summary>
    /// <param name="pending">Gives the container's side, maybe only when it starts; null when it ended before.</param>
    /// <param name="cancelPending">Called when the client goes before that.</param>
    /// <param name="cancellationToken">Ends it: the daemon stops.</param>
    public async Task RunAsync(Task<Attachment?> pending, Action cancelPending, CancellationToken cancellationToken)
    {
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        TaskCompletionSource<Attachment?> container = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task input = PumpInputAsync(container.Task, end.Token);
        Attachment? attachment = null;
        try
        {
            if (await Task.WhenAny(pending, input) != pending)
            {
                cancelPending();
            }

            attachment = await pending;
            container.SetResult(attachment);
            if (attachment is not null)
            {
                Task output = PumpOutputAsync(attachment, end.Token);
                await Task.WhenAny(output, input);
            }
        }
        catch (OperationCanceledException)
        {
            container.TrySetResult(null);
        }
        finally
        {
            container.TrySetResult(null);
            await end.CancelAsync();
            // Ends a read of the container's side that is under way, too.
            attachment?.Dispose();
            await input;
        }
    }

    /// <summary>Sends the container's output to the client; returns when either has ended.</summary>
    private async Task PumpOutputAsync(Attachment attachment, CancellationToken cancellationToken)
    {
        PipeWriter output = _client.Output;
        attachment.Stream.CompleteInline();
        try
        {
            for (int round = 1; ; round++)
            {
                if (round % InlineRounds == 0)
                {
                    await Task.Yield();
                }

                Memory<byte> buffer = output.GetMemory(BufferSize);
                int count = await attachment.Stream.ReadAsync(buffer[_headerSize..], cancellationToken);
                if (count == 0)
                {
                    await _client.EndOutputAsync(cancellationToken);
                    break;
                }

                if (_headerSize > 0)
                {
                    FrameWriter.WriteHeader(buffer.Span, isError: false, count);
                }

                output.Advance(_headerSize + (_frames?.Strip(buffer.Span[..count]) ?? count));
                if ((await output.FlushAsync(cancellationToken)).IsCompleted)
                {
                    break;
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException or System.Net.Sockets.SocketException or WebSocketException)
        {
            // One of the two sides has gone, which is the end that this method reports by returning.
        }

        // Whoever waits for it may block.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
    }

    /// <summary>Sends the client's input to the container; returns when the client has gone or typed the detach keys, not when its input ends.</summary>
    private async Task PumpInputAsync(Task<Attachment?> container, CancellationToken cancellationToken)
    {
        ArrayBufferWriter<byte> passed = new();
        try
        {
            while (true)
            {
                ReadResult result = await _client.Input.ReadAsync(cancellationToken);
                bool detached = _hasStdin && Pass(result.Buffer, passed);
                _client.Input.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted && _hasStdin)
                {
                    _detach?.Release(passed);
                }

                await SendAsync(container, passed, result.IsCompleted, cancellationToken);
                if (detached)
                {
                    // Whoever waits for this may block; the write may have ended on the thread that waits for all sockets.
                    await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
                    return;
                }

                if (result.IsCompleted)
                {
                    break;
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or WebSocketException)
        {
            // The transport reports a reset connection so; the wait below finds out whether the client is there for the output.
        }

        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await UntilGoneAsync(cancellationToken);
    }

    private bool Pass(ReadOnlySequence<byte> typed, ArrayBufferWriter<byte> passed)
    {
        foreach (ReadOnlyMemory<byte> part in typed)
        {
            if (_detach is null)
            {
                passed.Write(part.Span);
            }
            else if (_detach.Pass(part.Span, passed))
            {
                return true;
            }
        }

        return false;
    }

    private async Task SendAsync(Task<Attachment?> container, ArrayBufferWriter<byte> passed, bool isEnd, CancellationToken cancellationToken)
    {
        if (!_hasStdin || (passed.WrittenCount == 0 && !isEnd))
        {
            return;
        }

        try
        {
            if (await StartedAsync(container, cancellationToken) is { } attachment)
            {
                await attachment.Stream.WriteAsync(passed.WrittenMemory, cancellationToken);
                if (isEnd)
                {
                    attachment.Stream.CloseWrite();
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // A container that no longer reads its stdin may still have output to send: only that direction is over.
        }

        passed.ResetWrittenCount();
    }

    /// <summary>Waits for the container's start; a client that goes meanwhile counts as a cancellation.</summary>
    private async Task<Attachment?> StartedAsync(Task<Attachment?> container, CancellationToken cancellationToken)
    {
        while (!container.IsCompleted)
        {
            if (cancellationToken.IsCancellationRequested || _client.IsClientGone())
            {
                throw new OperationCanceledException(cancellationToken);
            }

            await Task.WhenAny(container, Task.Delay(s_probeInterval, _time, cancellationToken));
        }

        return await container;
    }

    /// <summary>Waits until a client that ended its side closes the connection.</summary>
    private async Task UntilGoneAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (!_client.IsClientGone())
            {
                await Task.Delay(s_probeInterval, _time, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The bridge has ended in the meantime.
        }
    }
}
