namespace Tare.Docker.Routing;

/// <summary>An operation found for a request.</summary>
/// <param name="Route">The operation.</param>
/// <param name="Version">The version that the path names; null for none.</param>
/// <param name="Name">Value of the pattern's name; empty for a pattern without.</param>
internal sealed record RouteMatch(Route Route, ApiVersion? Version, string Name);
