using Tare.Linux.Fuse;

namespace Tare.Runtime.Layers;

/// <summary>
/// A request as the kernel sends it. Whatever is read beyond its end is zeros and makes it <see cref="IsMalformed"/>, which is asked once all is read. Pointers are good as long as
/// the request's memory.
/// </summary>
internal unsafe ref struct FuseRequest
{
    private const int ZeroBytes = 256;
    private static readonly byte* s_zeros = (byte*)System.Runtime.InteropServices.NativeMemory.AllocZeroed(ZeroBytes);
    private readonly byte* _end;
    private byte* _next;

    /// <summary>Reads a request, whose length must be that of a header at least.</summary>
    public FuseRequest(byte* request, int length)
    {
        Header = (FuseInHeader*)request;
        _next = request + sizeof(FuseInHeader);
        _end = request + length;
    }

    /// <summary>The header.</summary>
    public FuseInHeader* Header { get; }

    /// <summary>The node.</summary>
    public readonly ulong Node => Header->NodeId;

    /// <summary>Whether something that was asked for was not there.</summary>
    public bool IsMalformed { get; private set; }

    /// <summary>Bytes that are not read yet.</summary>
    public readonly int Rest => (int)(_end - _next);

    /// <summary>The next structure.</summary>
    public T* Take<T>()
        where T : unmanaged => (T*)Bytes((uint)sizeof(T));

    /// <summary>The next bytes.</summary>
    public byte* Bytes(uint count)
    {
        if (count > (uint)Rest)
        {
            IsMalformed = true;
            return s_zeros;
        }

        byte* here = _next;
        _next += count;
        return here;
    }

    /// <summary>The next text, ended by a zero.</summary>
    public byte* Text()
    {
        int length = new ReadOnlySpan<byte>(_next, Rest).IndexOf((byte)0);
        if (length < 0)
        {
            IsMalformed = true;
            return s_zeros;
        }

        byte* here = _next;
        _next += length + 1;
        return here;
    }

    /// <summary>The next name of a file: never empty, <c>.</c>, <c>..</c> or a path.</summary>
    public byte* Name()
    {
        byte* name = Text();
        ReadOnlySpan<byte> bytes = System.Runtime.InteropServices.MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name);
        if (bytes.IsEmpty || bytes.SequenceEqual("."u8) || bytes.SequenceEqual(".."u8) || bytes.Contains((byte)'/'))
        {
            IsMalformed = true;
        }

        return name;
    }
}
