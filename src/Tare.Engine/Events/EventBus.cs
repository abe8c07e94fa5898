using System.Threading.Channels;

namespace Tare.Engine.Events;

/// <summary>Tells listeners what happens, and remembers the last 256 events for those who ask about the past (as many as dockerd does).</summary>
/// <param name="time">The clock.</param>
public sealed class EventBus(TimeProvider time)
{
    private const int Remembered = 256;

    private readonly Lock _lock = new();

    // Guarded by _lock.
    private readonly Queue<EngineEvent> _past = new();
    private readonly List<Channel<EngineEvent>> _listeners = [];

    /// <summary>Number of listeners now.</summary>
    public int Listeners
    {
        get
        {
            lock (_lock)
            {
                return _listeners.Count;
            }
        }
    }

    /// <summary>Gives the events of a span of time; without an end it goes on until the token is cancelled.</summary>
    /// <param name="since">Remembered events of this instant or later come first; null gives only new ones.</param>
    /// <param name="until">Ends after this instant; null for never.</param>
    /// <param name="cancellationToken">Ends the listening.</param>
    public async IAsyncEnumerable<EngineEvent> SubscribeAsync(DateTimeOffset? since, DateTimeOffset? until, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Channel<EngineEvent> channel = Channel.CreateUnbounded<EngineEvent>();
        List<EngineEvent> past;
        lock (_lock)
        {
            past = since is { } start ? [.. _past.Where(e => e.Time >= start && !(e.Time > until))] : [];
            _listeners.Add(channel);
        }

        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            foreach (EngineEvent occurrence in past)
            {
                yield return occurrence;
            }

            if (until is { } last)
            {
                TimeSpan rest = last - time.GetUtcNow();
                if (rest <= TimeSpan.Zero)
                {
                    yield break;
                }

                end.CancelAfter(rest);
            }

            while (await NextAsync(channel, end.Token, cancellationToken))
            {
                while (channel.Reader.TryRead(out EngineEvent? occurrence))
                {
                    yield return occurrence;
                }
            }
        }
        finally
        {
            lock (_lock)
            {
                _listeners.Remove(channel);
            }
        }
    }

    /// <summary>Tells everyone.</summary>
    /// <param name="type">Type of the object.</param>
    /// <param name="action">What happened to it.</param>
    /// <param name="actorId">Which one.</param>
    /// <param name="attributes">Further facts; the bus keeps the dictionary.</param>
    internal void Publish(string type, string action, string actorId, Dictionary<string, string> attributes)
    {
        EngineEvent occurrence = new() { Type = type, Action = action, ActorId = actorId, Attributes = attributes, Time = time.GetUtcNow() };
        lock (_lock)
        {
            if (_past.Count == Remembered)
            {
                _past.Dequeue();
            }

            _past.Enqueue(occurrence);
            foreach (Channel<EngineEvent> listener in _listeners)
            {
                listener.Writer.TryWrite(occurrence);
            }
        }
    }

    /// <summary>Waits for an event; false when the span of time is over.</summary>
    private static async Task<bool> NextAsync(Channel<EngineEvent> channel, CancellationToken end, CancellationToken caller)
    {
        try
        {
            return await channel.Reader.WaitToReadAsync(end);
        }
        catch (OperationCanceledException) when (!caller.IsCancellationRequested)
        {
            return false;
        }
    }
}
