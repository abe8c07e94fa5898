using System.Text;

namespace Tare.Cli.Streams;

/// <summary>The keys that leave a container without stopping it, as in <c>ctrl-p,ctrl-q</c>.</summary>
internal static class DetachKeys
{
    /// <summary>Docker's default.</summary>
    public const string Default = "ctrl-p,ctrl-q";

    /// <summary>Reads a list of keys: single characters or <c>ctrl-</c> with a letter or one of <c>@ [ \ ] ^ _</c>.</summary>
    /// <returns>The bytes that a terminal sends for them.</returns>
    /// <exception cref="FormatException">A key is unknown.</exception>
    public static byte[] Parse(string text)
    {
        List<byte> bytes = [];
        foreach (string key in text.Split(','))
        {
            if (key.StartsWith("ctrl-", StringComparison.OrdinalIgnoreCase) && key.Length == 6)
            {
                bytes.Add(Control(key[5]));
            }
            else if (Encoding.UTF8.GetByteCount(key) == 1)
            {
                bytes.Add((byte)key[0]);
            }
            else
            {
                throw new FormatException($"Unknown character: '{key}'");
            }
        }

        return [.. bytes];
    }

    private static byte Control(char letter) => char.ToLowerInvariant(letter) switch
    {
        >= 'a' and <= 'z' and var small => (byte)(small - 'a' + 1),
        '@' => 0,
        '[' => 27,
        '\\' => 28,
        ']' => 29,
        '^' => 30,
        '_' => 31,
        _ => throw new FormatException($"Unknown character: 'ctrl-{letter}'"),
    };
}
