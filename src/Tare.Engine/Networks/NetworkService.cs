namespace Tare.Engine.Networks;

/// <summary>Networks: the default bridge, <c>host</c> and <c>none</c>.</summary>
public sealed partial class NetworkService
{
    private readonly Errors.EngineException _pending = new(Errors.ErrorClass.NotImplemented, "not yet");

    /// <summary>Lists networks.</summary>
    /// <param name="filters">Docker's filters: driver, id, label, name, scope, type, dangling.</param>
    public IReadOnlyList<NetworkSnapshot> List(IReadOnlyDictionary<string, IReadOnlyList<string>> filters) => throw _pending;

    /// <summary>Finds a network.</summary>
    /// <exception cref="Errors.EngineException">NotFound: <c>network x not found</c>.</exception>
    /// <param name="network">Id, unique prefix of one, or name.</param>
    public NetworkSnapshot Find(string network) => throw _pending;
}
