namespace Tare.Runtime.Layers;

/// <summary>
/// Knows the files of a tree by numbers, which the kernel uses to speak of them, and opens them again without a path: names may change meanwhile, and a path could lead
/// through a symbolic link that somebody put there. Node 1 is the root. All calls return -errno on failure.
/// </summary>
internal unsafe interface INodes : IDisposable
{
    /// <summary>Whether a node can be opened though the kernel has forgotten it.</summary>
    bool ArePermanent { get; }

    /// <summary>Opens a node; the descriptor is the caller's.</summary>
    /// <param name="node">The node.</param>
    /// <param name="flags">Flags of open(2): with O_PATH for any node, otherwise for files and directories only.</param>
    int Open(ulong node, int flags);

    /// <summary>The number of an open file, and counts that the kernel has been told of it.</summary>
    /// <param name="fd">The file, O_PATH is enough.</param>
    /// <param name="name">A name in it that is meant instead, ended by a zero; null for the file itself.</param>
    /// <param name="node">The number.</param>
    int Remember(int fd, byte* name, out ulong node);

    /// <summary>The number of an open file if the kernel may know it; 0 if it cannot.</summary>
    ulong Find(int fd);

    /// <summary>The kernel drops so many of the times that it was told of a node.</summary>
    void Forget(ulong node, ulong times);
}
