using Microsoft.AspNetCore.Http;
using Tare.Linux.Processes;

namespace Tare.Daemon.Hosting;

/// <summary>Gives memory back to the kernel when the daemon has come to rest: the collector by itself keeps what a busy time needed.</summary>
internal sealed class IdleMemory : IAsyncDisposable
{
    private static readonly TimeSpan s_rest = TimeSpan.FromSeconds(5);

    private readonly RequestDelegate _next;
    private readonly ITimer _timer;

    /// <summary>Makes it.</summary>
    /// <param name="next">Answers the requests.</param>
    /// <param name="time">The clock.</param>
    /// <param name="release">Gives memory back; null for a full collection, and the pages of programs that are in the page cache anyway.</param>
    public IdleMemory(RequestDelegate next, TimeProvider time, Action? release = null)
    {
        _next = next;
        Action action = release ?? Release;
        _timer = time.CreateTimer(static state => ((Action)state!)(), action, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Answers a request; five seconds after the last one memory is given back, once.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await _next(context);
        }
        finally
        {
            _timer.Change(s_rest, Timeout.InfiniteTimeSpan);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _timer.DisposeAsync();

    private static void Release()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        ResidentMemory.ReleaseUnchangedFilePages();
    }
}
