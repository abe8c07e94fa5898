namespace Tare.Cli.Streams;

/// <summary>Watches what is typed for the detach keys. Keys that may begin the sequence are held back until the next key decides.</summary>
internal sealed class DetachFilter(byte[] sequence)
{
    private int _matched;

    /// <summary>Passes typed bytes on.</summary>
    /// <param name="input">What was typed.</param>
    /// <param name="output">Receives what is to be sent on.</param>
    /// <returns>Whether the sequence is complete; what was typed after it is dropped.</returns>
    public bool Pass(ReadOnlySpan<byte> input, List<byte> output)
    {
        foreach (byte key in input)
        {
            if (sequence.Length > 0 && key == sequence[_matched])
            {
                if (++_matched == sequence.Length)
                {
                    _matched = 0;
                    return true;
                }

                continue;
            }

            output.AddRange(sequence.AsSpan(0, _matched));
            _matched = 0;
            if (sequence.Length > 0 && key == sequence[0])
            {
                _matched = 1;
            }
            else
            {
                output.Add(key);
            }
        }

        return false;
    }
}
