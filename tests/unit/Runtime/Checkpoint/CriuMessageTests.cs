using System.Text.Json;
using Tare.Runtime.Checkpoint;

namespace Tare.UnitTests.Runtime.Checkpoint;

/// <summary>Messages to and from criu, byte by byte.</summary>
public sealed class CriuMessageTests
{
    [Fact]
    public void NumbersTextsAndMessagesAreWrittenAsTheFormatWantsThem()
    {
        ProtobufWriter writer = new ProtobufWriter().Number(1, 300).Number(2, -1).Flag(3, true).Flag(4, false).Text(16, "é").Text(17, null).Message(5, new ProtobufWriter().Number(1, 0));
        Assert.Equal("08AC02" + "10FFFFFFFFFFFFFFFFFF01" + "1801" + "820102C3A9" + "2A020800", Convert.ToHexString(writer.Written));
    }

    [Fact]
    public void AReaderPassesOverWhatItDoesNotKnow()
    {
        // Field 99 as a 64-bit number, field 98 as a 32-bit one, then a text in field 2.
        ProtobufReader reader = new(Convert.FromHexString("9906" + "0102030405060708" + "9506" + "01020304" + "120168"));
        Assert.True(reader.Next());
        Assert.Equal(99, reader.Field);
        Assert.True(reader.Next());
        Assert.Equal(98, reader.Field);
        Assert.True(reader.Next());
        Assert.Equal((2, "h"), (reader.Field, reader.Text));
        Assert.False(reader.Next());
    }

    [Theory]
    [InlineData("08")]
    [InlineData("12057A")]
    [InlineData("0B")]
    [InlineData("08FFFFFFFFFFFFFFFFFFFFFF01")]
    public void DamageIsFound(string message) => Assert.Throws<InvalidDataException>(() => CriuReply.Parse(Convert.FromHexString(message)));

    [Fact]
    public void AReplyOfVersionAndFeatures()
    {
        ProtobufWriter version = new ProtobufWriter().Number(1, 4).Number(2, 2).Text(3, "git").Number(4, 1);
        ProtobufWriter features = new ProtobufWriter().Number(1, 0).Number(2, 1);
        CriuReply reply = CriuReply.Parse(new ProtobufWriter().Number(1, 10).Number(2, 1).Message(10, version).Message(8, features).Number(7, 3).Text(9, "why").Written);
        Assert.Equal((CriuRequestKind.Version, true, 40201, false, true), (reply.Kind, reply.Success, reply.Version, reply.TracksMemory, reply.LazyPages));
        Assert.Equal((3, "why"), (reply.Error, reply.Message));
    }

    [Fact]
    public void ANotificationNamesPointAndProcess()
    {
        CriuReply reply = CriuReply.Parse(new ProtobufWriter().Number(1, 6).Number(2, 1).Message(5, new ProtobufWriter().Text(1, "post-restore").Number(2, 1234)).Written);
        Assert.Equal((CriuRequestKind.Notify, "post-restore", 1234), (reply.Kind, reply.Script, reply.Pid));
    }

    [Fact]
    public void OptionsStandInTheirFields()
    {
        CriuOptions options = new(images: 7, work: -1, "dump.log", "/root");
        options.Process(42, leaveRunning: true);
        options.ExternalMount("/a", "/b");
        options.EmptyNamespaces(0x40000000);
        Dictionary<int, string> fields = [];
        ProtobufReader request = new(options.ToRequest(CriuRequestKind.Dump).Written);
        Assert.True(request.Next());
        Assert.Equal(1, request.Int32);
        Assert.True(request.Next());
        ProtobufReader reader = new(request.Bytes);
        while (reader.Next())
        {
            fields[reader.Field] = reader.Bytes.IsEmpty ? $"{reader.Number}" : Convert.ToHexString(reader.Bytes);
        }

        Assert.Equal("7 42 1 4 1 1073741824 1", $"{fields[1]} {fields[2]} {fields[3]} {fields[9]} {fields[12]} {fields[38]} {fields[50]}");
        Assert.Equal("0A022F6112022F62", fields[23]);
        Assert.False(fields.ContainsKey(17));
    }

    [Fact]
    public void NamesOfStreamsAreReadAsRuncWritesThem()
    {
        Assert.Equal(["/dev/null", "pipe:[123]", ""], StreamNames.Parse("""["/dev/null","pipe:[123]",null]"""u8));
        Assert.ThrowsAny<JsonException>(() => StreamNames.Parse("{}"u8));
        Assert.ThrowsAny<JsonException>(() => StreamNames.Parse("[\"x\""u8));
    }
}
