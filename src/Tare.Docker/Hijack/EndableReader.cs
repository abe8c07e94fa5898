using System.Buffers;
using System.IO.Pipelines;

namespace Tare.Docker.Hijack;

/// <summary>
/// What Kestrel reads requests from. After a handler has taken over the connection it shows the end of input, so that Kestrel, coming back for the next
/// request, finds a client that has gone. A handler that has read the body of a request past Kestrel puts something before what comes next.
/// </summary>
/// <param name="inner">The transport's reader.</param>
internal sealed class EndableReader(PipeReader inner) : PipeReader
{
    private volatile bool _isEnded;
    private ReadOnlyMemory<byte> _returned;

    // What was shown last, when it begins with returned bytes; whether they were looked at to the end, and were not enough.
    private ReadOnlySequence<byte> _shown;
    private bool _isShown;
    private bool _wantsMore;

    /// <summary>Shows the end from now on, after what was returned; the transport's reader is no longer touched.</summary>
    public void End() => _isEnded = true;

    /// <summary>Shows these bytes before those that come.</summary>
    public void Return(ReadOnlyMemory<byte> bytes)
    {
        byte[] all = [.. bytes.Span, .. _returned.Span];
        (_returned, _wantsMore) = (all, false);
    }

    /// <inheritdoc/>
    public override bool TryRead(out ReadResult result)
    {
        if (!_returned.IsEmpty && !_wantsMore)
        {
            result = Show(isCanceled: false, isCompleted: false);
            return true;
        }

        if (_isEnded)
        {
            result = _returned.IsEmpty ? new ReadResult(default, isCanceled: false, isCompleted: true) : Show(isCanceled: false, isCompleted: true);
            return true;
        }

        if (!inner.TryRead(out result))
        {
            return false;
        }

        result = AfterReturned(result);
        return true;
    }

    /// <inheritdoc/>
    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
        TryRead(out ReadResult result) ? result : AfterReturned(await inner.ReadAsync(cancellationToken));

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (_isShown)
        {
            _isShown = false;
            _returned = _returned[(int)(_shown.Length - _shown.Slice(consumed).Length)..];
            _wantsMore = _shown.Slice(examined).IsEmpty;
        }
        else if (!_isEnded)
        {
            inner.AdvanceTo(consumed, examined);
        }
    }

    /// <inheritdoc/>
    public override void CancelPendingRead()
    {
        if (!_isEnded)
        {
            inner.CancelPendingRead();
        }
    }

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null)
    {
        if (!_isEnded)
        {
            inner.Complete(exception);
        }
    }

    // Bytes that come join the returned ones as long as those are not used up: the rest of a chunk's line.
    private ReadResult AfterReturned(ReadResult result)
    {
        if (_returned.IsEmpty)
        {
            return result;
        }

        byte[] all = [.. _returned.Span, .. result.Buffer.ToArray()];
        _returned = all;
        inner.AdvanceTo(result.Buffer.End);
        return Show(result.IsCanceled, result.IsCompleted);
    }

    private ReadResult Show(bool isCanceled, bool isCompleted)
    {
        _shown = new ReadOnlySequence<byte>(_returned);
        _isShown = true;
        return new ReadResult(_shown, isCanceled, isCompleted);
    }
}
