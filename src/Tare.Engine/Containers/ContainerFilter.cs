namespace Tare.Engine.Containers;

/// <summary>Which containers a list holds.</summary>
public sealed record ContainerFilter
{
    /// <summary>Whether containers that do not run are listed too. A <see cref="Filters"/> entry <c>status</c> or <c>exited</c> implies it.</summary>
    public bool All { get; init; }

    /// <summary>Only the newest of them; 0 or less means all. Implies <see cref="All"/>.</summary>
    public int Limit { get; init; }

    /// <summary>Docker's filters: ancestor, before, exited, expose, health, id, label, name, network, publish, since, status, volume, is-task.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Filters { get; init; } = new Dictionary<string, IReadOnlyList<string>>();
}
