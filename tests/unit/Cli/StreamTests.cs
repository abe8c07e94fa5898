using System.Text;
using Tare.Cli.Streams;

namespace Tare.UnitTests.Cli;

public sealed class StreamTests
{
    [Fact]
    public void DetachKeysAreRead()
    {
        Assert.Equal([16, 17], DetachKeys.Parse(DetachKeys.Default));
        Assert.Equal([(byte)'a', 0, 27, 31], DetachKeys.Parse("a,ctrl-@,ctrl-[,ctrl-_"));
        Assert.Equal("Unknown character: 'ctrl-1'", Assert.Throws<FormatException>(() => DetachKeys.Parse("ctrl-1")).Message);
        Assert.Equal("Unknown character: 'abc'", Assert.Throws<FormatException>(() => DetachKeys.Parse("abc")).Message);
    }

    [Fact]
    public void TypedKeysPassUntilTheSequenceIsComplete()
    {
        DetachFilter filter = new([16, 17]);
        List<byte> passed = [];
        Assert.False(filter.Pass("ab\x10"u8, passed));
        Assert.Equal("ab"u8.ToArray(), passed);
        Assert.False(filter.Pass("x\x10\x10"u8, passed));
        Assert.Equal("ab\x10x\x10"u8.ToArray(), passed);
        Assert.True(filter.Pass("\x11later"u8, passed));
        Assert.Equal("ab\x10x\x10"u8.ToArray(), passed);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1000)]
    public void FramesAreTakenApartHoweverTheyArrive(int blockSize)
    {
        byte[] wire = [1, 0, 0, 0, 0, 0, 0, 2, (byte)'o', (byte)'k', 2, 0, 0, 0, 0, 0, 0, 1, (byte)'e', 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, (byte)'!'];
        int at = 0;
        StringBuilder output = new(), error = new();
        FrameReader.Copy(
            buffer =>
            {
                int count = Math.Min(Math.Min(blockSize, buffer.Length), wire.Length - at);
                wire.AsSpan(at, count).CopyTo(buffer);
                at += count;
                return count;
            },
            (isError, bytes) => (isError ? error : output).Append(Encoding.ASCII.GetString(bytes)));
        Assert.Equal("ok!", output.ToString());
        Assert.Equal("e", error.ToString());
    }

    [Fact]
    public void WhatIsNoFrameIsRefused()
    {
        byte[] wire = "HTTP/1.1 200"u8.ToArray();
        bool sent = false;
        Assert.Throws<InvalidDataException>(() => FrameReader.Copy(
            buffer =>
            {
                wire.CopyTo(buffer);
                int count = sent ? 0 : wire.Length;
                sent = true;
                return count;
            },
            static (_, _) => { }));
    }
}
