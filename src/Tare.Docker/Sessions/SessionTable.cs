using System.Collections.Concurrent;

namespace Tare.Docker.Sessions;

/// <summary>The sessions that clients hold open. May be used from any thread.</summary>
internal sealed class SessionTable
{
    private readonly ConcurrentDictionary<string, ClientSession?> _sessions = new(StringComparer.Ordinal);

    /// <summary>Takes an id, for a session that is about to begin.</summary>
    /// <param name="id">The id.</param>
    /// <returns>Whether nobody has it.</returns>
    public bool TryReserve(string id) => _sessions.TryAdd(id, null);

    /// <summary>Shows a session under its id, which was reserved.</summary>
    public void Add(ClientSession session) => _sessions[session.Id] = session;

    /// <summary>Gives up an id.</summary>
    public void Remove(string id) => _sessions.TryRemove(id, out _);

    /// <summary>Finds a session; null when there is none of that id.</summary>
    /// <param name="id">The id, maybe behind a prefix and a colon, by which builds tell contexts of one client apart.</param>
    public ClientSession? TryFind(string id)
    {
        int colon = id.IndexOf(':', StringComparison.Ordinal);
        return _sessions.GetValueOrDefault(colon >= 0 && colon + 1 < id.Length ? id[(colon + 1)..] : id);
    }
}
