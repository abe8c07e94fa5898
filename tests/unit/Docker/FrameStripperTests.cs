using Tare.Docker.Hijack;

namespace Tare.UnitTests.Docker;

public sealed class FrameStripperTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(9)]
    [InlineData(100)]
    public void PayloadIsKeptWhereverPartsEnd(int size)
    {
        byte[] frames = [.. Frame(1, "hello "u8), .. Frame(2, ""u8), .. Frame(2, "world"u8), .. Frame(1, "!"u8)];
        FrameStripper stripper = new();
        List<byte> payload = [];
        foreach (byte[] part in frames.Chunk(size))
        {
            int kept = stripper.Strip(part);
            payload.AddRange(part.AsSpan(0, kept));
        }

        Assert.Equal("hello world!"u8.ToArray(), payload);
    }

    private static byte[] Frame(byte stream, ReadOnlySpan<byte> payload) => [stream, 0, 0, 0, 0, 0, 0, (byte)payload.Length, .. payload];
}
