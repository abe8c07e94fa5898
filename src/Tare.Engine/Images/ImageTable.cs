using Tare.Engine.Errors;
using Tare.Engine.State;

namespace Tare.Engine.Images;

/// <summary>
/// All images in memory, by id and by name. Names are full references: <c>docker.io/library/debian:12</c> (a tag) or <c>docker.io/library/debian@sha256:…</c> (a digest).
/// </summary>
internal sealed class ImageTable
{
    private const string Sha256 = "sha256:";

    private readonly Lock _lock = new();

    // Guarded by _lock.
    private readonly Dictionary<string, ImageRecord> _byId = [];
    private readonly Dictionary<string, (string Id, DateTimeOffset Tagged)> _names = [];
    private readonly Dictionary<string, ImageDocument> _incomplete = [];

    /// <summary>All images, in no order.</summary>
    public IReadOnlyList<ImageRecord> All
    {
        get
        {
            lock (_lock)
            {
                return [.. _byId.Values];
            }
        }
    }

    /// <summary>The documents of all images, of those too that are not shown since files of them are missing.</summary>
    public IReadOnlyList<(string Id, ImageDocument Document)> Documents
    {
        get
        {
            lock (_lock)
            {
                return [.. _byId.Values.Select(static image => (image.Id, image.Document)), .. _incomplete.Select(static entry => (entry.Key, entry.Value))];
            }
        }
    }

    /// <summary>Remembers an image that lacks files: it is not shown, and what there is of it stays, its names too.</summary>
    public void PutIncomplete(string id, ImageDocument document)
    {
        lock (_lock)
        {
            _byId.Remove(id);
            _incomplete[id] = document;
        }
    }

    /// <summary>An image that lacks files, by one of its names, its id or the start of it (12 digits at least); null when there is none.</summary>
    public (string Id, ImageDocument Document)? TryGetIncomplete(string name)
    {
        const int ShortId = 12;
        lock (_lock)
        {
            string? id = _names.TryGetValue(name, out (string Id, DateTimeOffset Tagged) named) ? named.Id
                : name.Length >= ShortId ? _incomplete.Keys.FirstOrDefault(key => key.StartsWith(name, StringComparison.Ordinal) || key.StartsWith(Sha256 + name, StringComparison.Ordinal)) : null;
            return id is not null && _incomplete.TryGetValue(id, out ImageDocument? document) ? (id, document) : null;
        }
    }

    /// <summary>Adds or replaces an image.</summary>
    public void Put(ImageRecord image)
    {
        lock (_lock)
        {
            _incomplete.Remove(image.Id);
            _byId[image.Id] = image;
        }
    }

    /// <summary>Takes an image and its names out.</summary>
    public void Remove(string id)
    {
        lock (_lock)
        {
            _byId.Remove(id);
            _incomplete.Remove(id);
            foreach (string name in _names.Where(n => n.Value.Id == id).Select(n => n.Key).ToList())
            {
                _names.Remove(name);
            }
        }
    }

    /// <summary>Gives an image a name; another image loses it.</summary>
    public void SetName(string reference, string id, DateTimeOffset tagged)
    {
        lock (_lock)
        {
            _names[reference] = (id, tagged);
        }
    }

    /// <summary>Takes a name away.</summary>
    public void RemoveName(string reference)
    {
        lock (_lock)
        {
            _names.Remove(reference);
        }
    }

    /// <summary>The image of a name; null when none has it.</summary>
    public ImageRecord? TryGetByName(string reference)
    {
        lock (_lock)
        {
            return _names.TryGetValue(reference, out (string Id, DateTimeOffset Tagged) named) ? _byId.GetValueOrDefault(named.Id) : null;
        }
    }

    /// <summary>The image of a whole id; null when there is none.</summary>
    public ImageRecord? TryGet(string id)
    {
        lock (_lock)
        {
            return _byId.GetValueOrDefault(id);
        }
    }

    /// <summary>The image of a unique prefix of an id, with or without <c>sha256:</c>; null when none has it.</summary>
    /// <exception cref="EngineException">InvalidArgument: several have it.</exception>
    public ImageRecord? TryGetByPrefix(string prefix)
    {
        string full = prefix.StartsWith(Sha256, StringComparison.Ordinal) ? prefix : Sha256 + prefix;
        lock (_lock)
        {
            List<ImageRecord> found = [.. _byId.Values.Where(i => i.Id.StartsWith(full, StringComparison.Ordinal)).Take(2)];
            return found.Count < 2 ? found.FirstOrDefault() : throw new EngineException(ErrorClass.InvalidArgument, $"ambiguous reference: {prefix}");
        }
    }

    /// <summary>Names of an image in order.</summary>
    public IReadOnlyList<string> NamesOf(string id)
    {
        lock (_lock)
        {
            return [.. _names.Where(n => n.Value.Id == id).Select(n => n.Key).Order(StringComparer.Ordinal)];
        }
    }

    /// <summary>When an image last got a name; null for never.</summary>
    public DateTimeOffset? LastTagged(string id)
    {
        lock (_lock)
        {
            return _names.Values.Where(n => n.Id == id).Select(n => (DateTimeOffset?)n.Tagged).Max();
        }
    }

    /// <summary>Whether another image than <paramref name="id"/> has the layer.</summary>
    public bool IsLayerUsedByOther(string chainId, string id)
    {
        lock (_lock)
        {
            return _byId.Values.Any(i => i.Id != id && i.Document.ChainIds.Contains(chainId));
        }
    }
}
