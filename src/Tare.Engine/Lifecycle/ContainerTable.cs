using System.Collections.Concurrent;
using Tare.Engine.Errors;

namespace Tare.Engine.Lifecycle;

/// <summary>All containers in memory, by id and by name. Reading takes no lock; a name is held by one container, atomically.</summary>
internal sealed class ContainerTable
{
    private const int IdLength = 64;

    private readonly ConcurrentDictionary<string, Container> _byId = new();
    private readonly ConcurrentDictionary<string, string> _ids = new();

    /// <summary>All containers, in no order.</summary>
    public ICollection<Container> All => _byId.Values;

    /// <summary>Reserves a name.</summary>
    /// <exception cref="EngineException">Conflict: another container has it (Docker's text).</exception>
    public void Reserve(string name, string id)
    {
        if (!TryReserve(name, id))
        {
            throw EngineErrors.NameInUse(name, _ids.GetValueOrDefault(name, ""));
        }
    }

    /// <summary>Reserves a name; false when another container has it.</summary>
    public bool TryReserve(string name, string id) => _ids.TryAdd(name, id);

    /// <summary>Gives a name back.</summary>
    public void Release(string name, string id) => _ids.TryRemove(new KeyValuePair<string, string>(name, id));

    /// <summary>Adds a container whose name is reserved.</summary>
    public void Add(Container container) => _byId[container.Id] = container;

    /// <summary>Takes a container and its name out.</summary>
    public void Remove(Container container)
    {
        _byId.TryRemove(container.Id, out _);
        Release(container.Name, container.Id);
    }

    /// <summary>Finds a container by id, name or unique prefix of its id.</summary>
    /// <exception cref="EngineException">NotFound or InvalidArgument (ambiguous), in Docker's words.</exception>
    public Container Find(string text) => TryFind(text) ?? throw EngineErrors.NoSuchContainer(text);

    /// <summary>Finds a container; null when there is none.</summary>
    /// <exception cref="EngineException">InvalidArgument: the prefix is ambiguous.</exception>
    public Container? TryFind(string text)
    {
        if (text.Length == IdLength && _byId.TryGetValue(text, out Container? exact))
        {
            return exact;
        }

        string name = text.StartsWith('/') ? text[1..] : text;
        if (_ids.TryGetValue(name, out string? id) && _byId.TryGetValue(id, out Container? named))
        {
            return named;
        }

        if (text.Length is 0 or >= IdLength)
        {
            return null;
        }

        Container? found = null;
        foreach ((string candidate, Container container) in _byId)
        {
            if (candidate.StartsWith(text, StringComparison.Ordinal))
            {
                found = found is null ? container : throw EngineErrors.AmbiguousId(text);
            }
        }

        return found;
    }
}
