namespace Tare.Engine.Volumes;

/// <summary>Volumes: folders below the data root that outlive containers.</summary>
public sealed partial class VolumeService
{
    private readonly Errors.EngineException _pending = new(Errors.ErrorClass.NotImplemented, "not yet");

    /// <summary>Makes a volume, or returns the one of that name.</summary>
    /// <exception cref="Errors.EngineException">InvalidArgument: the name is wrong. Conflict: the volume exists with another driver.</exception>
    /// <param name="name">Name; null or empty makes an anonymous one.</param>
    /// <param name="driver">Driver; null or empty means local.</param>
    /// <param name="options">Options of the driver; null for none.</param>
    /// <param name="labels">Labels; null for none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<VolumeSnapshot> CreateAsync(string? name, string? driver, IReadOnlyDictionary<string, string>? options, IReadOnlyDictionary<string, string>? labels, CancellationToken cancellationToken) => throw _pending;

    /// <summary>Lists volumes by name.</summary>
    /// <param name="filters">Docker's filters: dangling, driver, label, name.</param>
    public IReadOnlyList<VolumeSnapshot> List(IReadOnlyDictionary<string, IReadOnlyList<string>> filters) => throw _pending;

    /// <summary>Finds a volume.</summary>
    /// <exception cref="Errors.EngineException">NotFound: no such volume.</exception>
    /// <param name="name">Its name.</param>
    public VolumeSnapshot Find(string name) => throw _pending;

    /// <summary>Removes a volume with its content.</summary>
    /// <exception cref="Errors.EngineException">NotFound, or Conflict: a container uses it.</exception>
    /// <param name="name">Its name.</param>
    /// <param name="force">Whether a missing one is no error.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task RemoveAsync(string name, bool force, CancellationToken cancellationToken) => throw _pending;

    /// <summary>Removes volumes that no container uses.</summary>
    /// <param name="filters">Docker's filters: all, label.</param>
    /// <param name="cancellationToken">Gives up between two.</param>
    /// <returns>Their names, and the bytes that came free.</returns>
    public Task<(IReadOnlyList<string> Removed, long Bytes)> PruneAsync(IReadOnlyDictionary<string, IReadOnlyList<string>> filters, CancellationToken cancellationToken) => throw _pending;
}
