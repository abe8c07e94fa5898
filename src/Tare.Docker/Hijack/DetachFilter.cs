using System.Buffers;

namespace Tare.Docker.Hijack;

/// <summary>
/// Looks for the detach keys in what a user types. Bytes that may be their beginning are held back until the next byte decides.
/// </summary>
/// <param name="keys">The sequence; empty finds nothing.</param>
internal sealed class DetachFilter(ReadOnlyMemory<byte> keys)
{
    private int _held;

    /// <summary>Passes bytes on; true when the sequence is complete, the bytes after it are dropped.</summary>
    /// <param name="typed">What was typed.</param>
    /// <param name="output">Receives what goes to the container.</param>
    public bool Pass(ReadOnlySpan<byte> typed, IBufferWriter<byte> output)
    {
        ReadOnlySpan<byte> sequence = keys.Span;
        if (sequence.IsEmpty)
        {
            output.Write(typed);
            return false;
        }

        foreach (byte b in typed)
        {
            if (b != sequence[_held])
            {
                Release(output);
            }

            if (b != sequence[_held])
            {
                output.Write([b]);
            }
            else if (++_held == sequence.Length)
            {
                _held = 0;
                return true;
            }
        }

        return false;
    }

    /// <summary>Passes on what is held back: no further byte comes.</summary>
    public void Release(IBufferWriter<byte> output)
    {
        output.Write(keys.Span[.._held]);
        _held = 0;
    }
}
