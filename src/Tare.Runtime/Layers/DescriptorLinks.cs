using System.Buffers.Text;
using System.Runtime.InteropServices;
using Tare.Linux.Interop;

namespace Tare.Runtime.Layers;

/// <summary>
/// Names of this process's own descriptors in /proc/self/fd, by which calls that know no descriptor without content (xattrs, chmod, truncate) reach what one stands for. Such a
/// link leads to the file itself: a symbolic link at its end is not followed.
/// </summary>
internal sealed unsafe class DescriptorLinks : IDisposable
{
    private const int MaxDigits = 10;
    private readonly byte* _name;
    private readonly int _prefix;

    /// <summary>Makes names.</summary>
    /// <param name="folder">The folder with a slash at its end; empty when it is the working directory.</param>
    public DescriptorLinks(string folder)
    {
        byte[] bytes = System.Text.Encoding.UTF8.GetBytes(folder);
        _prefix = bytes.Length;
        _name = (byte*)NativeMemory.Alloc((nuint)(_prefix + MaxDigits + 1));
        bytes.CopyTo(new Span<byte>(_name, _prefix));
    }

    /// <summary>The name of a descriptor; good until the next call.</summary>
    public byte* Of(int fd)
    {
        _ = Utf8Formatter.TryFormat(fd, new Span<byte>(_name + _prefix, MaxDigits), out int length);
        _name[_prefix + length] = 0;
        return _name;
    }

    /// <summary>Opens what a descriptor stands for once more; -errno on failure.</summary>
    public int Reopen(int fd, int flags)
    {
        int opened = (flags & Libc.O_PATH) != 0
            ? Libc.fcntl(fd, Libc.F_DUPFD_CLOEXEC, 0)
            : Libc.openat(Libc.AT_FDCWD, Of(fd), (flags & ~Libc.O_NOFOLLOW) | Libc.O_CLOEXEC, 0);
        return opened >= 0 ? opened : -Marshal.GetLastPInvokeError();
    }

    /// <inheritdoc/>
    public void Dispose() => NativeMemory.Free(_name);
}
