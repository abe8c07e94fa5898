using System.Runtime.InteropServices;
using Tare.Linux;
using Tare.Linux.Fuse;
using Tare.Linux.Interop;

namespace Tare.Runtime.Layers;

// Open directories.
internal sealed unsafe partial class LayerServer
{
    private int OpenDirectoryNode(ref FuseRequest request, byte* reply)
    {
        int fd = OpenNode(request.Node, Libc.O_RDONLY | Libc.O_DIRECTORY);
        if (fd < 0)
        {
            return fd;
        }

        _directories.Add((ulong)fd, new OpenDirectory(fd));
        *(FuseOpenOut*)reply = new FuseOpenOut { Handle = (ulong)fd };
        return sizeof(FuseOpenOut);
    }

    private int ReleaseDirectory(ref FuseRequest request)
    {
        FuseReleaseIn* asked = request.Take<FuseReleaseIn>();
        if (request.IsMalformed || !_directories.Remove(asked->Handle, out OpenDirectory? directory))
        {
            return -(int)Errno.EBADF;
        }

        directory.Dispose();
        return 0;
    }

    private int ReadDirectory(ref FuseRequest request, byte* reply, bool withAttributes)
    {
        FuseTransferIn* asked = request.Take<FuseTransferIn>();
        if (request.IsMalformed || asked->Size > FuseMount.MaxTransferBytes)
        {
            return -(int)Errno.EINVAL;
        }

        if (!_directories.TryGetValue(asked->Handle, out OpenDirectory? directory))
        {
            return -(int)Errno.EBADF;
        }

        directory.Seek(asked->Offset);
        uint used = 0;
        while (true)
        {
            DirectoryEntry* entry = directory.Current(out int errno);
            if (entry is null)
            {
                return used > 0 ? (int)used : -errno;
            }

            uint length = Tell(directory.Descriptor, entry, reply + used, asked->Size - used, withAttributes);
            if (length == 0)
            {
                return (int)used;
            }

            used += length;
            directory.Advance();
        }
    }

    // Returns 0 when there is no room.
    private uint Tell(int directory, DirectoryEntry* entry, byte* reply, uint room, bool withAttributes)
    {
        byte* name = (byte*)entry + DirectoryEntry.NameOffset;
        int length = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name).Length;
        int head = withAttributes ? sizeof(FuseEntryOut) : 0;
        int bare = head + sizeof(FuseDirent) + length;
        int padded = (bare + 7) & ~7;
        if (padded > room)
        {
            return 0;
        }

        // A node of 0 tells nothing; of the directory itself and the one above, nothing is told.
        if (withAttributes && (DirectoryEntry.IsDots(name) || Entry(directory, name, (FuseEntryOut*)reply) < 0))
        {
            *(FuseEntryOut*)reply = default;
        }

        *(FuseDirent*)(reply + head) = new FuseDirent { Ino = entry->Inode, Off = entry->Next, NameLen = (uint)length, Type = entry->Type };
        Buffer.MemoryCopy(name, reply + head + sizeof(FuseDirent), length, length);
        new Span<byte>(reply + bare, padded - bare).Clear();
        return (uint)padded;
    }
}
