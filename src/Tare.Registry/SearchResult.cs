namespace Tare.Registry;

/// <summary>A repository that a search found.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What its owner says of it.</param>
/// <param name="Stars">How many users like it.</param>
/// <param name="IsOfficial">Whether the registry's owner vouches for it.</param>
/// <param name="IsAutomated">Whether the registry built it; registries have stopped saying so.</param>
public sealed record SearchResult(string Name, string Description, int Stars, bool IsOfficial, bool IsAutomated);
