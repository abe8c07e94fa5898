using System.Runtime.InteropServices;
using Tare.Linux.Interop;

namespace Tare.Runtime.Layers;

/// <summary>A directory that is being read: what the kernel gave and nobody has taken yet stays for the next request. Owns its descriptor.</summary>
internal sealed unsafe class OpenDirectory(int descriptor) : IDisposable
{
    private const int BufferBytes = 16 << 10;
    private byte* _buffer;
    private int _at;
    private int _length;
    private ulong _place;

    /// <summary>The descriptor.</summary>
    public int Descriptor { get; } = descriptor;

    /// <summary>The place of the entry that comes next.</summary>
    public ulong Place => _place;

    /// <summary>Goes to a place that an entry named as the next one's.</summary>
    public void Seek(ulong place)
    {
        if (place != _place)
        {
            _ = Libc.lseek(Descriptor, (long)place, Libc.SEEK_SET);
            (_at, _length, _place) = (0, 0, place);
        }
    }

    /// <summary>The entry at the place; null at the end. On failure the result is null and <paramref name="errno"/> is set.</summary>
    public DirectoryEntry* Current(out int errno)
    {
        errno = 0;
        if (_at >= _length)
        {
            if (_buffer is null)
            {
                _buffer = (byte*)NativeMemory.Alloc(BufferBytes);
            }

            nint length = Libc.Syscall(Syscalls.Getdents64, Descriptor, (nint)_buffer, BufferBytes);
            errno = length < 0 ? Marshal.GetLastPInvokeError() : 0;
            (_at, _length) = (0, (int)Math.Max(length, 0));
        }

        return _length > 0 ? (DirectoryEntry*)(_buffer + _at) : null;
    }

    /// <summary>Goes on to the next entry.</summary>
    public void Advance()
    {
        DirectoryEntry* entry = (DirectoryEntry*)(_buffer + _at);
        _place = entry->Next;
        _at += entry->Length;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ = Libc.close(Descriptor);
        NativeMemory.Free(_buffer);
        _buffer = null;
    }
}
