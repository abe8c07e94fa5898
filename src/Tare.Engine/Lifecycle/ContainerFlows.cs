using Tare.Engine.Filtering;

namespace Tare.Engine.Lifecycle;

/// <summary>The flows behind the container operations.</summary>
internal sealed record ContainerFlows
{
    public required ContainerCreator Creator { get; init; }

    public required ContainerStarter Starter { get; init; }

    public required ContainerStopper Stopper { get; init; }

    public required ContainerRemover Remover { get; init; }

    public required ContainerFiltering Filtering { get; init; }
}
