using Tare.Oci.Runtime;

namespace Tare.Runtime.Containers;

/// <summary>What <see cref="ContainerLauncher.Create"/> makes.</summary>
public sealed record CreateRequest
{
    /// <summary>The container's id: letters, digits, and <c>_ + - .</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Absolute path of the bundle.</summary>
    public required string BundlePath { get; init; }

    /// <summary>The configuration; changes made to it afterwards have no effect.</summary>
    public required RuntimeSpec Spec { get; init; }

    /// <summary>The configuration's document, kept for later commands as it is, UTF-8.</summary>
    public required ReadOnlyMemory<byte> Configuration { get; init; }

    /// <summary>The folder of all containers' state.</summary>
    public required string StateRoot { get; init; }

    /// <summary>Standard streams of a process without a terminal; null inherits this process's.</summary>
    public StandardStreams? Streams { get; init; }

    /// <summary>The overlay to mount as the root; null when the configuration's root is a directory already.</summary>
    public RootOverlay? Root { get; init; }

    /// <summary>
    /// Descriptors of this process, such as its connections, whose other ends must see them closed when this process dies: the new process, which has copies of all while it
    /// waits for its start, closes its own at once.
    /// </summary>
    public IReadOnlyList<int> ClosedDescriptors { get; init; } = [];

    /// <summary>How many descriptors from 3 on the process keeps.</summary>
    public int PreservedDescriptors { get; init; }

    /// <summary>Whether a terminal passes line feeds on without a carriage return: what reads it adds one where it is a terminal itself.</summary>
    public bool PlainLineFeeds { get; init; }

    /// <summary>Whether the process waits for <see cref="CreatedContainer.Start"/>; false runs it at once.</summary>
    public bool Gate { get; init; } = true;

    /// <summary>Has systemd make the cgroup.</summary>
    public bool SystemdCgroup { get; init; }

    /// <summary>Moves the root instead of pivoting.</summary>
    public bool NoPivot { get; init; }

    /// <summary>Keeps this process's session keyring.</summary>
    public bool NoNewKeyring { get; init; }

    /// <summary>Puts a small init before the process.</summary>
    public bool Init { get; init; }

    /// <summary>Called when the container's state has its folder, which is all that there is of it; null for nobody.</summary>
    public Action? FolderMade { get; init; }

    /// <summary>Gets sentences about what was clamped or passed over.</summary>
    public Action<string>? Warn { get; init; }
}
