using Tare.Runtime.Containers;

namespace Tare.Runtime.Commands;

/// <summary>What every command works with.</summary>
/// <param name="Options">Options before the command.</param>
/// <param name="Log">Where messages go.</param>
internal sealed record CommandContext(GlobalOptions Options, MessageLog Log)
{
    /// <summary>All containers.</summary>
    public ContainerStore Store => new(Options.Root);
}
