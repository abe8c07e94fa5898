using Tare.Cli.CommandLine;

namespace Tare.Cli.Containers;

/// <summary>All options that run and create share.</summary>
internal sealed class ContainerFlags(FlagSet flags)
{
    public ProcessFlags Process { get; } = new(flags);

    public ResourceFlags Resources { get; } = new(flags);

    public NetworkFlags Network { get; } = new(flags);

    public StorageFlags Storage { get; } = new(flags);

    public LifecycleFlags Lifecycle { get; } = new(flags);
}
