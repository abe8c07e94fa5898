using System.Runtime.InteropServices;
using System.Text;

namespace Tare.Runtime.Plan;

/// <summary>The unmanaged memory of a plan: it never moves, so that steps hold addresses in it. Disposing frees all of it.</summary>
internal sealed unsafe class PlanMemory : IDisposable
{
    // A plan as Docker configures it fits in one; above malloc's threshold for mmap(2), whose pages are zero and only those that are used are there.
    private const int BlockSize = 256 * 1024;
    private readonly List<nint> _blocks = [];
    private byte* _next;
    private int _left;

    /// <summary>Reserves zeroed memory, aligned to 8 bytes.</summary>
    public byte* Allocate(int size)
    {
        size = (size + 7) & ~7;
        if (size > _left)
        {
            int block = Math.Max(size, BlockSize);
            _next = (byte*)NativeMemory.AllocZeroed((nuint)block);
            _blocks.Add((nint)_next);
            _left = block;
        }

        byte* result = _next;
        _next += size;
        _left -= size;
        return result;
    }

    /// <summary>A null-terminated UTF-8 string.</summary>
    /// <exception cref="ArgumentException">The text holds a NUL character, which the kernel would take for its end.</exception>
    public nint String(string text)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            throw new ArgumentException($"\"{text.Replace("\0", "\\0", StringComparison.Ordinal)}\" holds a NUL character");
        }

        int length = Encoding.UTF8.GetByteCount(text);
        byte* memory = Allocate(length + 1);
        Encoding.UTF8.GetBytes(text, new Span<byte>(memory, length));
        return (nint)memory;
    }

    /// <summary>A null-terminated array of strings, as execve(2) takes it.</summary>
    public nint StringArray(IReadOnlyList<string> strings)
    {
        nint* pointers = (nint*)Allocate((strings.Count + 1) * sizeof(nint));
        for (int i = 0; i < strings.Count; i++)
        {
            pointers[i] = String(strings[i]);
        }

        return (nint)pointers;
    }

    /// <summary>A copy of a blittable value.</summary>
    public nint Copy<T>(in T value)
        where T : unmanaged
    {
        T* memory = (T*)Allocate(sizeof(T));
        *memory = value;
        return (nint)memory;
    }

    /// <summary>A copy of an array of blittable values.</summary>
    public nint Copy<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        byte* memory = Allocate(values.Length * sizeof(T));
        values.CopyTo(new Span<T>(memory, values.Length));
        return (nint)memory;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (nint block in _blocks)
        {
            NativeMemory.Free((void*)block);
        }

        _blocks.Clear();
    }
}
