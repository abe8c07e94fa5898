using System.Text;
using Tare.Engine.Errors;

namespace Tare.Docker.Hijack;

/// <summary>Reads the sequences of keys by which a user leaves a container's terminal, such as <c>ctrl-p,ctrl-q</c>.</summary>
internal static class DetachKeys
{
    /// <summary>ctrl-p, ctrl-q: Docker's default.</summary>
    public static byte[] Default => [16, 17];

    /// <summary>Reads a sequence; null and empty give the default.</summary>
    /// <param name="text">Keys with commas between them: single characters, or <c>ctrl-</c> and one of <c>a</c> to <c>z</c> and <c>@ [ \ ] ^ _</c>.</param>
    /// <exception cref="EngineException">InvalidArgument: a key is unknown (Docker's text).</exception>
    public static byte[] Parse(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return Default;
        }

        List<byte> keys = [];
        foreach (string key in text.Split(','))
        {
            if (key.Length == 1)
            {
                keys.AddRange(Encoding.UTF8.GetBytes(key));
            }
            else if (key.Length == 6 && key.StartsWith("ctrl-", StringComparison.Ordinal) && Control(key[5]) is { } code)
            {
                keys.Add(code);
            }
            else
            {
                throw new EngineException(ErrorClass.InvalidArgument, $"Invalid detach keys ({text}) provided");
            }
        }

        return [.. keys];
    }

    private static byte? Control(char key) => key switch
    {
        >= 'a' and <= 'z' => (byte)(key - 'a' + 1),
        '@' => 0,
        >= '[' and <= '_' => (byte)(key - '[' + 27),
        _ => null,
    };
}
