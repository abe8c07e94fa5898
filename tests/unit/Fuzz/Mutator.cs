using System.Text;

namespace Tare.UnitTests.Fuzz;

/// <summary>Makes inputs for a parser out of a corpus: the same for the same seed.</summary>
/// <param name="seed">The seed.</param>
/// <param name="corpus">Well-formed inputs.</param>
/// <param name="words">Pieces that mean something to the parser.</param>
internal sealed class Mutator(int seed, IReadOnlyList<byte[]> corpus, IReadOnlyList<string> words)
{
    private const int LongestInput = 64 * 1024;
    private static readonly byte[] s_bytes = [0, 1, 0x7F, 0x80, 0xFF, (byte)'"', (byte)'/', (byte)'.', (byte)':', (byte)'=', (byte)'0', (byte)'7', (byte)'9', (byte)' ', (byte)'\n', (byte)'{', (byte)'[', (byte)','];
    private readonly Random _random = new(seed);

    /// <summary>The next input.</summary>
    public byte[] Next()
    {
        List<byte> input = [.. corpus[_random.Next(corpus.Count)]];
        for (int count = 1 << _random.Next(6); count > 0; count--)
        {
            Change(input);
        }

        return [.. input.Take(LongestInput)];
    }

    private void Change(List<byte> input)
    {
        int at = _random.Next(input.Count + 1);
        int length = Math.Min(input.Count - at, 1 << _random.Next(10));
        switch (_random.Next(9))
        {
            case 0 when at < input.Count:
                input[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 1 when at < input.Count:
                input[at] = s_bytes[_random.Next(s_bytes.Length)];
                break;
            case 2:
                input.RemoveRange(at, length);
                break;
            case 3:
                input.InsertRange(_random.Next(input.Count + 1), input.GetRange(at, length));
                break;
            case 4:
                input.InsertRange(at, Encoding.UTF8.GetBytes(words[_random.Next(words.Count)]));
                break;
            case 5:
                byte[] word = Encoding.UTF8.GetBytes(words[_random.Next(words.Count)]);
                for (int i = 0; i < word.Length && at + i < input.Count; i++)
                {
                    input[at + i] = word[i];
                }

                break;
            case 6:
                byte[] other = corpus[_random.Next(corpus.Count)];
                int from = _random.Next(other.Length + 1);
                input.InsertRange(at, other[from..Math.Min(other.Length, from + (1 << _random.Next(11)))]);
                break;
            case 7 when _random.Next(8) == 0:
                input.RemoveRange(at, input.Count - at);
                break;
            default:
                input.Insert(at, (byte)_random.Next(256));
                break;
        }
    }
}
