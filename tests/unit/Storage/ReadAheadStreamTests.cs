using Tare.Storage.Layers;

namespace Tare.UnitTests.Storage;

public sealed class ReadAheadStreamTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(256 * 1024)]
    [InlineData(3_000_001)]
    public void GivesAllBytesInTheirOrder(int length)
    {
        byte[] content = new byte[length];
        new Random(1).NextBytes(content);
        using ReadAheadStream stream = new(new MemoryStream(content));
        using MemoryStream copy = new();
        stream.CopyTo(copy, 10_007);
        Assert.Equal(content, copy.ToArray());
        Assert.Equal(0, stream.Read(new byte[1]));
    }

    [Fact]
    public void AnErrorComesAfterWhatWasReadBeforeIt()
    {
        using ReadAheadStream stream = new(new Failing(600_000));
        byte[] buffer = new byte[262_144];
        stream.ReadExactly(buffer);
        stream.ReadExactly(buffer);
        Assert.Throws<InvalidDataException>(() => stream.ReadExactly(new byte[100_000]));
    }

    [Fact]
    public void ClosingEarlyEndsTheThreadAndClosesTheSource()
    {
        Failing source = new(long.MaxValue);
        ReadAheadStream stream = new(source);
        stream.ReadExactly(new byte[10]);
        stream.Dispose();
        Assert.True(source.IsClosed);
        Assert.True(source.BytesGiven < 4 << 20);
    }

    /// <summary>Gives zeros, then fails.</summary>
    private sealed class Failing(long length) : Stream
    {
        public bool IsClosed { get; private set; }

        public long BytesGiven { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => length;

        public override long Position { get => BytesGiven; set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            int given = (int)Math.Min(count, length - BytesGiven);
            BytesGiven += given > 0 ? given : throw new InvalidDataException("broken");
            return given;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            IsClosed = true;
            base.Dispose(disposing);
        }
    }
}
