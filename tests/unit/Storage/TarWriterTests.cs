using System.Text;
using Tare.Storage.Tar;
using Formats = System.Formats.Tar;

namespace Tare.UnitTests.Storage;

/// <summary>Archives that are written are read again as they were meant, by the reader here and by one that we did not write.</summary>
public sealed class TarWriterTests
{
    [Theory]
    [InlineData("file")]
    [InlineData("a/b/c")]
    [InlineData("dir/ünïcödé")]
    [InlineData("dir/byte-\uDCFF")]
    public void NamesComeBack(string path) => Assert.Equal(path, RoundTrip(new TarEntry { Path = path, Type = '0' }).Path);

    [Theory]
    [InlineData(99)]
    [InlineData(100)]
    [InlineData(101)]
    [InlineData(155)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(4000)]
    public void NamesOfAllLengthsComeBack(int length)
    {
        string plain = new('n', length);
        Assert.Equal(plain, RoundTrip(new TarEntry { Path = plain, Type = '0' }).Path);
        string deep = string.Join('/', Enumerable.Repeat("folder", (length / 7) + 1)) + "/end";
        Assert.Equal(deep, RoundTrip(new TarEntry { Path = deep, Type = '0' }).Path);
        Assert.Equal(deep + "/", RoundTrip(new TarEntry { Path = deep + "/", Type = '5' }).Path);
        Assert.Equal(deep, RoundTrip(new TarEntry { Path = "link", LinkTarget = deep, Type = '2' }).LinkTarget);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(2097151u)]
    [InlineData(2097152u)]
    [InlineData(uint.MaxValue)]
    public void OwnersComeBack(uint id)
    {
        TarEntry entry = RoundTrip(new TarEntry { Path = "f", Type = '0', Uid = id, Gid = id });
        Assert.Equal((id, id), (entry.Uid, entry.Gid));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1_700_000_000, 123_456_789)]
    [InlineData(1_700_000_000, 100_000_000)]
    [InlineData(-1, 0)]
    [InlineData(-2, 500_000_000)]
    [InlineData(8_589_934_592, 1)]
    public void TimesComeBack(long seconds, long nanoseconds)
    {
        TarEntry entry = RoundTrip(new TarEntry { Path = "f", Type = '0', ModifiedSeconds = seconds, ModifiedNanoseconds = nanoseconds });
        Assert.Equal((seconds, nanoseconds), (entry.ModifiedSeconds, entry.ModifiedNanoseconds));
    }

    [Fact]
    public void AttributesComeBackByteByByte()
    {
        byte[] capability = [1, 0, 0, 2, 0, 0x20, 0, 0, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        TarEntry entry = RoundTrip(new TarEntry { Path = "f", Type = '0', ExtendedAttributes = new() { ["security.capability"] = capability, ["user.empty"] = [] } });
        Assert.Equal(capability, entry.ExtendedAttributes!["security.capability"]);
        Assert.Empty(entry.ExtendedAttributes["user.empty"]);
    }

    [Theory]
    [InlineData(88)]
    [InlineData(89)]
    [InlineData(988)]
    public void RecordsWhoseLengthNeedsAnotherDigit(int length)
    {
        byte[] value = Encoding.ASCII.GetBytes(new string('v', length));
        Assert.Equal(value, RoundTrip(new TarEntry { Path = "f", Type = '0', ExtendedAttributes = new() { ["user.x"] = value } }).ExtendedAttributes!["user.x"]);
    }

    [Fact]
    public void TheFrameworksReaderAgrees()
    {
        using MemoryStream stream = new();
        TarWriter writer = new(stream);
        string longName = new string('d', 120) + "/" + new string('f', 120);
        writer.WriteHeader(new TarEntry { Path = longName, Type = '0', Mode = 0x9ED, Uid = 3_000_000, Gid = 7, Size = 5, ModifiedSeconds = 1000, ModifiedNanoseconds = 250_000_000 });
        writer.WriteContent("hello"u8);
        writer.WriteHeader(new TarEntry { Path = "dev", Type = '3', Mode = 0x1B6, DeviceMajor = 136, DeviceMinor = 70_000 });
        writer.Finish();
        stream.Position = 0;
        using Formats.TarReader reader = new(stream);
        Formats.TarEntry file = reader.GetNextEntry()!;
        Assert.Equal(longName, file.Name);
        Assert.Equal((UnixFileMode)0x9ED, file.Mode);
        Assert.Equal((3_000_000, 7), (file.Uid, file.Gid));
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(1_000_250), file.ModificationTime);
        Assert.Equal("hello", new StreamReader(file.DataStream!).ReadToEnd());
        Formats.PosixTarEntry device = (Formats.PosixTarEntry)reader.GetNextEntry()!;
        Assert.Equal((136, 70_000), (device.DeviceMajor, device.DeviceMinor));
        Assert.Null(reader.GetNextEntry());
    }

    [Fact]
    public void NoReaderNeedsThePrefixBehindAPaxHeader()
    {
        using MemoryStream stream = new();
        TarWriter writer = new(stream);
        string path = new string('d', 120) + "/file";
        writer.WriteHeader(new TarEntry { Path = path, Type = '0', Uid = 3_000_000 });
        writer.WriteHeader(new TarEntry { Path = path, Type = '0' });
        writer.Finish();
        stream.Position = 0;
        using Formats.TarReader reader = new(stream);
        Assert.Equal(path, reader.GetNextEntry()!.Name);
        Assert.Equal(path, reader.GetNextEntry()!.Name);
    }

    [Fact]
    public void ContentThatEndsEarlyIsAnError()
    {
        TarWriter writer = new(Stream.Null);
        Assert.Throws<EndOfStreamException>(() => writer.WriteContent(new MemoryStream(new byte[10]), 11));
    }

    private static TarEntry RoundTrip(TarEntry entry)
    {
        using MemoryStream stream = new();
        TarWriter writer = new(stream);
        writer.WriteHeader(entry);
        writer.Finish();
        Assert.Equal(0, stream.Length % TarWriter.BlockSize);
        Assert.Equal(stream.Length, writer.Count);
        stream.Position = 0;
        TarReader reader = new(stream);
        TarEntry read = reader.Next()!;
        Assert.Null(reader.Next());
        return read;
    }
}
