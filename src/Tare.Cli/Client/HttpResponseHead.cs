using System.Globalization;
using System.Text;

namespace Tare.Cli.Client;

/// <summary>The head of a response: its status and the headers that decide how the body ends.</summary>
internal sealed record HttpResponseHead(int Status, string ContentType, long? ContentLength, bool Chunked, bool Close)
{
    /// <summary>What the daemon tells about a file of a container, as it comes; empty for other answers.</summary>
    public string PathStat { get; init; } = string.Empty;

    /// <summary>Reads a head without its empty last line.</summary>
    /// <exception cref="InvalidDataException">The status line is not HTTP.</exception>
    public static HttpResponseHead Parse(ReadOnlySpan<byte> bytes)
    {
        string[] lines = Encoding.Latin1.GetString(bytes).Split("\r\n");
        string[] words = lines[0].Split(' ', 3);
        if (words.Length < 2 || !words[0].StartsWith("HTTP/1.", StringComparison.Ordinal)
            || !int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out int status))
        {
            throw new InvalidDataException($"what answers is no daemon: \"{lines[0]}\"");
        }

        HttpResponseHead head = new(status, string.Empty, null, false, false);
        foreach (string line in lines.AsSpan(1))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
            {
                head = head.With(line[..colon], line[(colon + 1)..].Trim());
            }
        }

        return head;
    }

    private HttpResponseHead With(string name, string value)
    {
        if (name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
        {
            return this with { ContentLength = long.Parse(value, NumberStyles.None, CultureInfo.InvariantCulture) };
        }

        if (name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase))
        {
            return this with { Chunked = value.Equals("chunked", StringComparison.OrdinalIgnoreCase) };
        }

        if (name.Equals("X-Docker-Container-Path-Stat", StringComparison.OrdinalIgnoreCase))
        {
            return this with { PathStat = value };
        }

        if (name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase))
        {
            return this with { ContentType = value };
        }

        return name.Equals("Connection", StringComparison.OrdinalIgnoreCase)
            ? this with { Close = value.Equals("close", StringComparison.OrdinalIgnoreCase) }
            : this;
    }
}
