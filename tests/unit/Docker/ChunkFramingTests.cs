using System.Text;
using Microsoft.AspNetCore.Http;
using Tare.Docker.Bodies;

namespace Tare.UnitTests.Docker;

/// <summary>A body in chunks is taken apart wherever it is cut, and what is none is refused.</summary>
public sealed class ChunkFramingTests
{
    private const string Body = "5\r\nhello\r\n1;name=\"value\"\r\n \r\n00B\r\nwide world.\r\n0\r\nA-Trailer: x\r\n\r\n";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(1000)]
    public void AnyCutGivesTheSameContent(int size)
    {
        ChunkFraming framing = new();
        List<byte> waiting = [];
        StringBuilder content = new();
        foreach (byte[] part in Encoding.ASCII.GetBytes(Body + "GET /").Chunk(size))
        {
            waiting.AddRange(part);
            Drain(framing, waiting, content);
        }

        Assert.True(framing.IsDone);
        Assert.Equal("hello wide world.", content.ToString());
        Assert.Equal("GET /", Encoding.ASCII.GetString([.. waiting]));
    }

    // Wherever one reader leaves off, another one that is given the rest goes on.
    [Fact]
    public void AnotherReaderGoesOnAtEveryByte()
    {
        byte[] whole = Encoding.ASCII.GetBytes(Body);
        for (int cut = 0; cut <= whole.Length; cut++)
        {
            ChunkFraming first = new();
            List<byte> waiting = [.. whole[..cut]];
            StringBuilder content = new();
            Drain(first, waiting, content);
            int filler = first.Rest().AsSpan().SequenceEqual("1\r\n."u8) ? 1 : 0;

            ChunkFraming second = new();
            List<byte> rest = [.. first.Rest(), .. waiting, .. whole[cut..]];
            StringBuilder more = new();
            Drain(second, rest, more);
            Assert.True(second.IsDone);
            Assert.Empty(rest);
            Assert.Equal("hello wide world.", content.ToString() + more.ToString()[filler..]);
        }
    }

    [Theory]
    [InlineData("\r\n")]
    [InlineData("g\r\n")]
    [InlineData("-1\r\n")]
    [InlineData("+1\r\n")]
    [InlineData(" 1\r\n")]
    [InlineData("1 \r\n")]
    [InlineData("0x1\r\n")]
    [InlineData("1\n")]
    [InlineData(";a=b\r\n")]
    [InlineData("7fffffffffffffff\r\n")]
    [InlineData("10000000000000000\r\n")]
    [InlineData("0\r\nTrailer\n\r\n")]
    public void WhatIsNoFramingIsRefused(string text) => Assert.Throws<BadHttpRequestException>(() => Drain(new ChunkFraming(), [.. Encoding.ASCII.GetBytes(text)], new StringBuilder()));

    [Theory]
    [InlineData("1\r\nab\r\n0\r\n\r\n")]
    [InlineData("1\r\na\n0\r\n\r\n")]
    [InlineData("1\r\na0\r\n\r\n")]
    public void AContentThatDoesNotEndWhereItShouldIsRefused(string text) => WhatIsNoFramingIsRefused(text);

    [Fact]
    public void LinesAndTrailersHaveALimit()
    {
        WhatIsNoFramingIsRefused("1;" + new string('a', ChunkFraming.LongestLine));
        WhatIsNoFramingIsRefused("1;" + new string('a', ChunkFraming.LongestLine) + "\r\n");
        WhatIsNoFramingIsRefused("0\r\n" + string.Concat(Enumerable.Repeat("A: " + new string('b', 1000) + "\r\n", 70)) + "\r\n");
    }

    private static void Drain(ChunkFraming framing, List<byte> waiting, StringBuilder content)
    {
        while (true)
        {
            int taken = framing.Take([.. waiting]);
            waiting.RemoveRange(0, taken);
            int count = (int)Math.Min(framing.Left, waiting.Count);
            content.Append(Encoding.ASCII.GetString([.. waiting[..count]]));
            waiting.RemoveRange(0, count);
            framing.Pass(count);
            if (taken == 0 && count == 0)
            {
                return;
            }
        }
    }
}
