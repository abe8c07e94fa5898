using System.Runtime.InteropServices;
using Tare.Linux;
using Tare.Linux.Fuse;
using Tare.Linux.Interop;

namespace Tare.Runtime.Layers;

/// <summary>
/// Answers the kernel's requests for a container's writable layer (its folders <c>upper</c> and <c>work</c>, all else in the container's folder is hidden) by the same calls on the
/// files below, and refuses what would take more space than the account has: ENOSPC.
/// <code>
/// process in the container ─▶ overlay ─▶ FUSE ─ request ─▶ this ─▶ files on the disk
///                                └─ image's layers, directly
/// </code>
/// One request at a time. The files change by nobody else meanwhile, so the kernel may keep names and attributes for as long as it likes.
/// </summary>
internal sealed unsafe partial class LayerServer : IDisposable
{
    /// <summary>Memory that a request may need: the largest write and what stands before it, whole pages.</summary>
    public const int RequestBytes = FuseMount.MaxTransferBytes + 4096;

    /// <summary>Memory that an answer may need.</summary>
    public const int ReplyBytes = FuseMount.MaxTransferBytes + 4096;

    private const ulong ValidSeconds = 86400;
    private const int AllocationUnit = 4096;

    // What a change may take beside the data: blocks of the map of extents.
    private const int MapBytes = 2 * AllocationUnit;
    private readonly INodes _nodes;
    private readonly DescriptorLinks _links;
    private readonly Dictionary<ulong, OpenFile> _files = [];
    private readonly Dictionary<ulong, OpenDirectory> _directories = [];
    private readonly Dictionary<ulong, NodeUse> _open = [];
    private readonly Dictionary<ulong, int> _orphans = [];
    private readonly HashSet<ulong> _workNodes = [];
    private readonly LateBlocks _late = new();
    private readonly int _mostOrphans;
    private ulong _workRoot = ulong.MaxValue;

    /// <summary>Serves a tree.</summary>
    /// <param name="nodes">Its files.</param>
    /// <param name="links">Links to this process's descriptors.</param>
    /// <param name="limitBytes">The limit.</param>
    /// <param name="mostDescriptors">How many descriptors this process may have.</param>
    public LayerServer(INodes nodes, DescriptorLinks links, long limitBytes, long mostDescriptors)
    {
        _nodes = nodes;
        _links = links;
        _mostOrphans = (int)Math.Clamp(mostDescriptors / 2, 16, int.MaxValue);
        Account = new SpaceAccount(limitBytes, Count);
    }

    /// <summary>What the layer occupies.</summary>
    public SpaceAccount Account { get; }

    /// <summary>What the account has for maps of extents that the file system has not made yet.</summary>
    public long LateMapBytes => _late.MapBytesInAll;

    /// <summary>Answers one request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="length">Its length.</param>
    /// <param name="reply">Room for <see cref="ReplyBytes"/>.</param>
    /// <returns>Length of the answer; 0 when none is sent.</returns>
    public int Answer(byte* request, int length, byte* reply)
    {
        if (length < sizeof(FuseInHeader) || ((FuseInHeader*)request)->Len != (uint)length)
        {
            return 0;
        }

        FuseRequest asked = new(request, length);
        FuseOutHeader* header = (FuseOutHeader*)reply;
        int result = Dispatch(ref asked, reply + sizeof(FuseOutHeader));
        if (result == NoAnswer)
        {
            return 0;
        }

        *header = new FuseOutHeader { Unique = asked.Header->Unique, Error = Math.Min(result, 0), Len = (uint)(sizeof(FuseOutHeader) + Math.Max(result, 0)) };
        return (int)header->Len;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (OpenFile file in _files.Values)
        {
            _ = Libc.close(file.Descriptor);
        }

        foreach (OpenDirectory directory in _directories.Values)
        {
            directory.Dispose();
        }

        foreach (int orphan in _orphans.Values)
        {
            _ = Libc.close(orphan);
        }

        _files.Clear();
        _directories.Clear();
        _orphans.Clear();
    }

    private const int NoAnswer = int.MinValue;

    private int Dispatch(ref FuseRequest request, byte* reply)
    {
        FuseOpcode opcode = (FuseOpcode)request.Header->Opcode;
        if (request.Node == FuseFlags.RootNode && IsChange(opcode))
        {
            return -(int)Errno.EPERM;
        }

        return opcode switch
        {
            FuseOpcode.Init => Initialize(ref request, reply),
            FuseOpcode.Lookup => LookUp(ref request, reply),
            FuseOpcode.Forget => Forget(ref request),
            FuseOpcode.BatchForget => ForgetSeveral(ref request),
            FuseOpcode.GetAttr => GetAttributes(ref request, reply),
            FuseOpcode.SetAttr => SetAttributes(ref request, reply),
            FuseOpcode.ReadLink => ReadLink(ref request, reply),
            FuseOpcode.SymLink => MakeSymbolicLink(ref request, reply),
            FuseOpcode.MkNod => MakeNode(ref request, reply),
            FuseOpcode.MkDir => MakeDirectory(ref request, reply),
            FuseOpcode.Unlink => Remove(ref request, 0),
            FuseOpcode.RmDir => Remove(ref request, Libc.AT_REMOVEDIR),
            FuseOpcode.Rename => Rename(ref request, hasFlags: false),
            FuseOpcode.Rename2 => Rename(ref request, hasFlags: true),
            FuseOpcode.Link => MakeLink(ref request, reply),
            FuseOpcode.Open => Open(ref request, reply),
            FuseOpcode.Create => Create(ref request, reply, named: true),
            FuseOpcode.TmpFile => Create(ref request, reply, named: false),
            FuseOpcode.Read => Read(ref request, reply),
            FuseOpcode.Write => Write(ref request, reply),
            FuseOpcode.Release => Release(ref request),
            FuseOpcode.FSync => Synchronize(ref request, isDirectory: false),
            FuseOpcode.FSyncDir => Synchronize(ref request, isDirectory: true),
            FuseOpcode.FAllocate => Allocate(ref request),
            FuseOpcode.LSeek => Seek(ref request, reply),
            FuseOpcode.OpenDir => OpenDirectoryNode(ref request, reply),
            FuseOpcode.ReadDir => ReadDirectory(ref request, reply, withAttributes: false),
            FuseOpcode.ReadDirPlus => ReadDirectory(ref request, reply, withAttributes: true),
            FuseOpcode.ReleaseDir => ReleaseDirectory(ref request),
            FuseOpcode.StatFs => FileSystemStatus(reply),
            FuseOpcode.SetXattr => SetXattr(ref request),
            FuseOpcode.GetXattr => GetXattr(ref request, reply),
            FuseOpcode.ListXattr => ListXattr(ref request, reply),
            FuseOpcode.RemoveXattr => RemoveXattr(ref request),
            // Nothing is under way while a request is read.
            FuseOpcode.Interrupt => NoAnswer,
            FuseOpcode.Destroy => 0,
            FuseOpcode.IoCtl => -(int)Errno.ENOTTY,
            _ => -(int)Errno.ENOSYS,
        };
    }

    private static bool IsChange(FuseOpcode opcode) => opcode
        is FuseOpcode.SetAttr or FuseOpcode.SymLink or FuseOpcode.MkNod or FuseOpcode.MkDir or FuseOpcode.Unlink or FuseOpcode.RmDir or FuseOpcode.Rename or FuseOpcode.Rename2
        or FuseOpcode.Link or FuseOpcode.Open or FuseOpcode.Create or FuseOpcode.TmpFile or FuseOpcode.OpenDir or FuseOpcode.SetXattr or FuseOpcode.RemoveXattr;

    private static int Initialize(ref FuseRequest request, byte* reply)
    {
        const uint Wanted = FuseFlags.AsyncRead | FuseFlags.AtomicTruncate | FuseFlags.BigWrites | FuseFlags.DontMask | FuseFlags.DoReadDirPlus | FuseFlags.ReadDirPlusAuto
            | FuseFlags.ParallelDirectoryOperations | FuseFlags.PosixAcl | FuseFlags.MaxPages | FuseFlags.CacheSymlinks | FuseFlags.HandleKillPrivileges2;
        FuseInitIn* offered = request.Take<FuseInitIn>();
        if (request.IsMalformed || offered->Major < FuseFlags.Major)
        {
            return -(int)Errno.EPROTO;
        }

        *(FuseInitOut*)reply = new FuseInitOut
        {
            Major = FuseFlags.Major,
            Minor = FuseFlags.Minor,
            MaxReadahead = offered->MaxReadahead,
            Flags = offered->Flags & Wanted,
            MaxBackground = 64,
            CongestionThreshold = 48,
            MaxWrite = FuseMount.MaxTransferBytes,
            TimeGran = 1,
            MaxPages = FuseMount.MaxTransferBytes / 4096,
        };
        return sizeof(FuseInitOut);
    }

    /// <summary>Opens a node, also one that has no name any more; -errno on failure.</summary>
    private int OpenNode(ulong node, int flags) => _orphans.TryGetValue(node, out int orphan) ? _links.Reopen(orphan, flags) : _nodes.Open(node, flags);

    private static int LastError() => -Marshal.GetLastPInvokeError();

    private static int Status(int fd, byte* name, Libc.statx_t* status)
    {
        byte empty = 0;
        int flags = Libc.AT_SYMLINK_NOFOLLOW | (name is null ? Libc.AT_EMPTY_PATH : 0);
        return Libc.statx(fd, name is null ? &empty : name, flags, Libc.STATX_BASIC_STATS, status) == 0 ? 0 : LastError();
    }

    /// <summary>A node that is open: how many bytes of it are in the account.</summary>
    private sealed class NodeUse
    {
        public int Times { get; set; }

        public long Bytes { get; set; }
    }

    /// <summary>An open file.</summary>
    private sealed record OpenFile(int Descriptor, ulong Node);
}
