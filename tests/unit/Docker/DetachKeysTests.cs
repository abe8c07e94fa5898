using System.Buffers;
using System.Text;
using Tare.Docker.Hijack;
using Tare.Engine.Errors;

namespace Tare.UnitTests.Docker;

public sealed class DetachKeysTests
{
    [Theory]
    [InlineData(null, new byte[] { 16, 17 })]
    [InlineData("", new byte[] { 16, 17 })]
    [InlineData("ctrl-a", new byte[] { 1 })]
    [InlineData("ctrl-z,x", new byte[] { 26, 120 })]
    [InlineData("ctrl-@,ctrl-[,ctrl-\\,ctrl-],ctrl-^,ctrl-_", new byte[] { 0, 27, 28, 29, 30, 31 })]
    public void Reads(string? text, byte[] keys) => Assert.Equal(keys, DetachKeys.Parse(text));

    [Theory]
    [InlineData("ctrl-ab")]
    [InlineData("ctrl-A")]
    [InlineData("ctrl-")]
    [InlineData("a,,b")]
    [InlineData("alt-x")]
    public void RefusesUnknownKeys(string text)
    {
        EngineException error = Assert.Throws<EngineException>(() => DetachKeys.Parse(text));
        Assert.Equal($"Invalid detach keys ({text}) provided", error.Message);
        Assert.Equal(ErrorClass.InvalidArgument, error.Class);
    }

    [Theory]
    [InlineData("hello", "hello", false)]
    [InlineData("pq", "", true)]
    [InlineData("apqb", "a", true)]
    [InlineData("ap", "a", false)]
    [InlineData("apx", "apx", false)]
    [InlineData("ppq", "p", true)]
    [InlineData("pxpq", "px", true)]
    public void FindsTheSequenceWhateverTheSlices(string typed, string passed, bool detached)
    {
        byte[] keys = "pq"u8.ToArray();
        foreach (int size in new[] { 1, 2, 3, 100 })
        {
            DetachFilter filter = new(keys);
            ArrayBufferWriter<byte> output = new();
            bool found = Encoding.ASCII.GetBytes(typed).Chunk(size).Any(part => filter.Pass(part, output));
            Assert.Equal(detached, found);
            Assert.Equal(passed, Encoding.ASCII.GetString(output.WrittenSpan));
        }
    }

    [Fact]
    public void ReleasesWhatItHeldBack()
    {
        DetachFilter filter = new("pq"u8.ToArray());
        ArrayBufferWriter<byte> output = new();
        Assert.False(filter.Pass("ap"u8, output));
        filter.Release(output);
        Assert.Equal("ap", Encoding.ASCII.GetString(output.WrittenSpan));
    }
}
