namespace Tare.Engine.State;

/// <summary>A link of the default bridge: another container under a name of its own.</summary>
/// <param name="ContainerId">The other container.</param>
/// <param name="Alias">Its name here.</param>
internal sealed record ContainerLink(string ContainerId, string Alias);
