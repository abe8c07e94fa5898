using System.Runtime.InteropServices;
using System.Text;
using Tare.Linux;
using Tare.Linux.Fuse;
using Tare.Linux.Interop;
using Tare.Runtime.Layers;

namespace Tare.UnitTests.Runtime.Layers;

/// <summary>A layer's server in front of a folder, and the kernel's side of the protocol, in memory: without root and without a mount.</summary>
internal sealed unsafe class LayerChannel : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tare-layer-").FullName;
    private readonly DescriptorLinks _links = new("/proc/self/fd/");
    private readonly DescriptorNodes _nodes;
    private readonly int _root;
    private readonly byte* _request = (byte*)NativeMemory.Alloc(LayerServer.RequestBytes);
    private readonly byte* _reply = (byte*)NativeMemory.Alloc(LayerServer.ReplyBytes);
    private ulong _unique;

    public LayerChannel(long limitBytes)
    {
        Directory.CreateDirectory(Upper);
        Directory.CreateDirectory(_folder + "/work");
        File.WriteAllText(_folder + "/secret", "not of the layer");
        _root = Libc.open(_folder, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_CLOEXEC, 0);
        _nodes = new DescriptorNodes(_root, _links);
        Server = new LayerServer(_nodes, _links, limitBytes, 1024);
        Server.Account.Recount();
    }

    public LayerServer Server { get; }

    public string Upper => _folder + "/upper";

    public static uint Uid => Libc.geteuid();

    /// <summary>What the tree occupies, counted from scratch.</summary>
    public long Counted()
    {
        using TreeCounter counter = new();
        return counter.Count(_root, "upper"u8) + counter.Count(_root, "work"u8);
    }

    /// <summary>Sends the bytes as they are; the answer, or null when there is none.</summary>
    public byte[]? Raw(ReadOnlySpan<byte> request)
    {
        request.CopyTo(new Span<byte>(_request, LayerServer.RequestBytes));
        int length = Server.Answer(_request, request.Length, _reply);
        return length == 0 ? null : new ReadOnlySpan<byte>(_reply, length).ToArray();
    }

    /// <summary>A request's bytes.</summary>
    public byte[] Build(FuseOpcode opcode, ulong node, params ReadOnlySpan<object> parts)
    {
        using MemoryStream body = new();
        foreach (object part in parts)
        {
            body.Write(part switch
            {
                string name => Encoding.UTF8.GetBytes(name + "\0"),
                byte[] bytes => bytes,
                _ => Bytes(part),
            });
        }

        FuseInHeader header = new() { Len = (uint)(sizeof(FuseInHeader) + body.Length), Opcode = (uint)opcode, Unique = ++_unique, NodeId = node, Uid = Uid, Gid = Libc.getegid() };
        return [.. Bytes(header), .. body.ToArray()];
    }

    /// <summary>Asks; the answer's content.</summary>
    public byte[] Ask(FuseOpcode opcode, ulong node, params ReadOnlySpan<object> parts)
    {
        Errno errno = Try(opcode, node, out byte[] content, parts);
        Assert.Equal(Errno.None, errno);
        return content;
    }

    /// <summary>Asks; what the answer says.</summary>
    public Errno Try(FuseOpcode opcode, ulong node, params ReadOnlySpan<object> parts) => Try(opcode, node, out _, parts);

    public Errno Try(FuseOpcode opcode, ulong node, out byte[] content, params ReadOnlySpan<object> parts)
    {
        byte[] answer = Raw(Build(opcode, node, parts)) ?? throw new InvalidOperationException("no answer");
        FuseOutHeader header = MemoryMarshal.Read<FuseOutHeader>(answer);
        Assert.Equal((uint)answer.Length, header.Len);
        Assert.Equal(_unique, header.Unique);
        content = answer[sizeof(FuseOutHeader)..];
        return (Errno)(-header.Error);
    }

    public FuseEntryOut LookUp(ulong parent, string name) => MemoryMarshal.Read<FuseEntryOut>(Ask(FuseOpcode.Lookup, parent, name));

    /// <summary>Node of the folder upper.</summary>
    public ulong UpperNode() => LookUp(FuseFlags.RootNode, "upper").NodeId;

    /// <summary>Makes and opens a file: its node and its handle.</summary>
    public (ulong Node, ulong Handle) Create(ulong parent, string name)
    {
        byte[] answer = Ask(FuseOpcode.Create, parent, new FuseCreateIn { Flags = (uint)(Libc.O_RDWR | Libc.O_CREAT), Mode = 0x81A4, Umask = 0x12 }, name);
        return (MemoryMarshal.Read<FuseEntryOut>(answer).NodeId, MemoryMarshal.Read<FuseOpenOut>(answer.AsSpan(sizeof(FuseEntryOut))).Handle);
    }

    public Errno Write(ulong node, ulong handle, ulong offset, int size, out uint written)
    {
        Errno errno = Try(FuseOpcode.Write, node, out byte[] content, new FuseTransferIn { Handle = handle, Offset = offset, Size = (uint)size }, new byte[size]);
        written = errno == Errno.None ? MemoryMarshal.Read<FuseSizeOut>(content).Size : 0;
        return errno;
    }

    public void Release(ulong node, ulong handle) => Ask(FuseOpcode.Release, node, new FuseReleaseIn { Handle = handle });

    public void Forget(ulong node) => Assert.Null(Raw(Build(FuseOpcode.Forget, node, 1UL << 40)));

    public void Dispose()
    {
        Server.Dispose();
        _nodes.Dispose();
        _links.Dispose();
        _ = Libc.close(_root);
        NativeMemory.Free(_request);
        NativeMemory.Free(_reply);
        Directory.Delete(_folder, recursive: true);
    }

    private static byte[] Bytes(object value)
    {
        byte[] bytes = new byte[Marshal.SizeOf(value)];
        GCHandle pinned = GCHandle.Alloc(bytes, GCHandleType.Pinned);
        Marshal.StructureToPtr(value, pinned.AddrOfPinnedObject(), fDeleteOld: false);
        pinned.Free();
        return bytes;
    }
}
