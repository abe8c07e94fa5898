using System.IO.Pipelines;

namespace Tare.Docker.Hijack;

/// <summary>
/// What Kestrel reads requests from. After a handler has taken over the connection it shows the end of input, so that Kestrel, coming back for the next
/// request, finds a client that has gone.
/// </summary>
/// <param name="inner">The transport's reader.</param>
internal sealed class EndableReader(PipeReader inner) : PipeReader
{
    private volatile bool _isEnded;

    /// <summary>Shows the end from now on; the transport's reader is no longer touched.</summary>
    public void End() => _isEnded = true;

    /// <inheritdoc/>
    public override bool TryRead(out ReadResult result)
    {
        if (!_isEnded)
        {
            return inner.TryRead(out result);
        }

        result = new ReadResult(default, isCanceled: false, isCompleted: true);
        return true;
    }

    /// <inheritdoc/>
    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
        _isEnded ? new ValueTask<ReadResult>(new ReadResult(default, isCanceled: false, isCompleted: true)) : inner.ReadAsync(cancellationToken);

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed)
    {
        if (!_isEnded)
        {
            inner.AdvanceTo(consumed);
        }
    }

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (!_isEnded)
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
}
