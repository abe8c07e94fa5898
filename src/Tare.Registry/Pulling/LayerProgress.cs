namespace Tare.Registry.Pulling;

/// <summary>Tells of one layer in Docker's words.</summary>
/// <param name="progress">Who is told.</param>
/// <param name="id">The layer's short digest.</param>
/// <param name="total">The layer's size in bytes.</param>
internal sealed class LayerProgress(IProgress<PullProgress> progress, string id, long total)
{
    /// <summary>Tells of a step.</summary>
    public void Report(string status) => progress.Report(new PullProgress(id, status));

    /// <summary>Tells that a step is done with all bytes.</summary>
    public void ReportWhole(string status) => progress.Report(new PullProgress(id, status, total, total));

    /// <summary>Counts the bytes of a step. A message a buffer would drown the client, so every so many bytes make one.</summary>
    public IProgress<long> Counting(string status)
        => new Throttled(current => progress.Report(new PullProgress(id, status, current, total)), Math.Max(total / 50, 64 * 1024));

    private sealed class Throttled(Action<long> report, long step) : IProgress<long>
    {
        private long _last = long.MinValue / 2;

        public void Report(long value)
        {
            if (value - _last >= step || value < _last)
            {
                _last = value;
                report(value);
            }
        }
    }
}
