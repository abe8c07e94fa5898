using System.Globalization;
using System.Text;

namespace Tare.Storage.Tar;

/// <summary>Where the data of a sparse file belongs (GNU tar manual, appendix "Storing Sparse Files"); what lies between are holes.</summary>
internal static class SparseMap
{
    // More than any real file has; an archive must not make the reader hold more than a little.
    private const int MaximumSegments = 1 << 20;
    private const int LongestLine = 64;

    /// <summary>Reads a list of decimal offsets and lengths, as pax records have it: <c>0,512,8192,512</c>.</summary>
    /// <exception cref="StorageException">It is not of the form.</exception>
    public static List<SparseSegment> ParseList(string text) => Pair([.. text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Parse)]);

    /// <summary>Reads the segments of a header block of GNU's old format, or of a block that continues it.</summary>
    /// <param name="fields">24 bytes for each segment: octal offset and length.</param>
    /// <param name="segments">Gets them.</param>
    public static void ParseFields(ReadOnlySpan<byte> fields, List<SparseSegment> segments)
    {
        const int FieldLength = 12;
        for (; fields.Length >= 2 * FieldLength && fields[0] != 0; fields = fields[(2 * FieldLength)..])
        {
            segments.Add(new SparseSegment(TarNumber.Parse(fields[..FieldLength]), TarNumber.Parse(fields[FieldLength..(2 * FieldLength)])));
            Limit(segments.Count);
        }
    }

    /// <summary>Reads the map that stands before the data in format 1.0: lines with the number of segments, then each one's offset and length.</summary>
    /// <param name="readBlock">Gives the next 512 bytes of the entry.</param>
    public static List<SparseSegment> ReadLines(Func<byte[]> readBlock)
    {
        StringBuilder text = new();
        string Line()
        {
            int end;
            while ((end = text.ToString().IndexOf('\n', StringComparison.Ordinal)) < 0)
            {
                // A number has 19 digits: what goes on for longer without an end is no line.
                text.Append(text.Length < LongestLine ? Encoding.ASCII.GetString(readBlock()) : throw Invalid());
            }

            string line = text.ToString(0, end);
            text.Remove(0, end + 1);
            return line;
        }

        long count = Parse(Line());
        Limit(count);
        List<long> numbers = [];
        for (long i = 0; i < count * 2; i++)
        {
            numbers.Add(Parse(Line()));
        }

        return Pair(numbers);
    }

    /// <summary>Checks that segments stand in order, inside the file, and hold as much as the archive does.</summary>
    /// <exception cref="StorageException">They do not.</exception>
    public static void Check(List<SparseSegment> segments, long fileSize, long dataSize)
    {
        long end = 0;
        long data = 0;
        foreach (SparseSegment segment in segments)
        {
            if (segment.Offset < end || segment.Length < 0 || segment.Length > fileSize - segment.Offset)
            {
                throw Invalid();
            }

            end = segment.Offset + segment.Length;
            data += segment.Length;
        }

        if (data != dataSize)
        {
            throw Invalid();
        }
    }

    private static List<SparseSegment> Pair(List<long> numbers)
    {
        Limit(numbers.Count / 2);
        return numbers.Count % 2 != 0 ? throw Invalid()
            : [.. Enumerable.Range(0, numbers.Count / 2).Select(i => new SparseSegment(numbers[2 * i], numbers[(2 * i) + 1]))];
    }

    private static long Parse(string text)
        => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : throw Invalid();

    private static void Limit(long count)
    {
        if (count > MaximumSegments)
        {
            throw Invalid();
        }
    }

    private static StorageException Invalid() => new("archive/tar: invalid sparse map");
}
