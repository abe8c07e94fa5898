using System.Text;

namespace Tare.Cli.Output;

/// <summary>Writes text and bytes to one of the standard streams. Text is gathered and written at <see cref="Flush"/>; used by one thread at a time.</summary>
internal sealed class OutputWriter(Stream stream, bool isTerminal, Func<int> columns)
{
    /// <summary>EPIPE, as <see cref="Exception.HResult"/> holds it when the reader of a stream has gone away.</summary>
    public const int BrokenPipe = 32;

    private const int GatherBytes = 32 * 1024;
    private byte[] _gathered = new byte[1024];
    private int _count;

    /// <summary>Whether a person looks at it.</summary>
    public bool IsTerminal { get; } = isTerminal;

    /// <summary>The width of the terminal in characters; 80 where there is none.</summary>
    public int Columns => columns();

    /// <summary>Adds text.</summary>
    public void Write(ReadOnlySpan<char> text)
    {
        int most = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (_gathered.Length - _count < most)
        {
            Array.Resize(ref _gathered, Math.Max(_gathered.Length * 2, _count + most));
        }

        _count += Encoding.UTF8.GetBytes(text, _gathered.AsSpan(_count));
        if (_count >= GatherBytes)
        {
            Flush();
        }
    }

    /// <summary>Adds text and a line break.</summary>
    public void WriteLine(ReadOnlySpan<char> text)
    {
        Write(text);
        Write("\n");
    }

    /// <summary>Writes bytes at once.</summary>
    public void WriteThrough(ReadOnlySpan<byte> bytes)
    {
        Flush();
        stream.Write(bytes);
    }

    /// <summary>Writes what was gathered.</summary>
    public void Flush()
    {
        if (_count > 0)
        {
            int count = _count;
            _count = 0;
            stream.Write(_gathered.AsSpan(0, count));
        }
    }
}
