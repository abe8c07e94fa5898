using Microsoft.Win32.SafeHandles;
using Tare.Runtime.Containers;

namespace Tare.Runtime.Checkpoint;

/// <summary>What <see cref="ContainerRestore"/> makes.</summary>
internal sealed record RestoreRequest
{
    /// <summary>The container, as for one that is created: only what concerns its first process is not looked at.</summary>
    public required CreateRequest Container { get; init; }

    /// <summary>The folder of the images.</summary>
    public required string ImagePath { get; init; }

    /// <summary>What a dump and a restore have in common.</summary>
    public CriuSettings Settings { get; init; } = new();

    /// <summary>Another profile of the security module than the dumped one: <c>TYPE:NAME</c>; null keeps it.</summary>
    public string? LsmProfile { get; init; }

    /// <summary>Another SELinux context of mounts than the dumped one; null keeps it.</summary>
    public string? LsmMountContext { get; init; }

    /// <summary>Gets the master of the terminal before the processes go on; null for nobody.</summary>
    public Action<SafeFileHandle>? TerminalReady { get; init; }
}
