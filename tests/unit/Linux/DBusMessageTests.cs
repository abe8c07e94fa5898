using Tare.Linux.DBus;

namespace Tare.UnitTests.Linux;

public sealed class DBusMessageTests
{
    // The first message of every connection, byte by byte after the specification.
    [Fact]
    public void ACallIsMarshalledAsTheSpecificationSays()
    {
        byte[] bytes = new DBusMessage { Kind = DBusMessage.Call, Serial = 1, Destination = "a.b", Path = "/x", Interface = "a.b", Member = "Hi", BodySignature = "u", Body = [5, 0, 0, 0] }.ToBytes();
        Assert.Equal(
            "6c010001040000000100000047000000" // little-endian, call, no flags, version 1; body 4, serial 1, fields 71
            + "01016f00020000002f7800" + "0000000000" // path; the next field at a multiple of 8
            + "0201730003000000612e6200" + "00000000" // interface
            + "0301730002000000486900" + "0000000000" // member
            + "0601730003000000612e6200" + "00000000" // destination
            + "08016700017500" + "00" // signature, then padding to the body
            + "05000000", Hex(bytes));
    }

    [Fact]
    public void AMessageIsReadAsItWasWritten()
    {
        DBusWriter body = new();
        body.UInt32(7).String("/job/1").String("unit").String("done");
        DBusMessage sent = new() { Kind = DBusMessage.Signal, Serial = 9, ReplySerial = 3, Path = "/m", Interface = "i.f", Member = "JobRemoved", BodySignature = "uoss", Body = body.Written.ToArray() };
        byte[] bytes = sent.ToBytes();
        Assert.Equal(bytes.Length, DBusMessage.LengthOf(bytes));
        DBusMessage got = DBusMessage.Parse(bytes);
        Assert.Equal((sent.Kind, sent.Serial, sent.ReplySerial, sent.Path, sent.Interface, sent.Member, sent.BodySignature), (got.Kind, got.Serial, got.ReplySerial, got.Path, got.Interface, got.Member, got.BodySignature));
        DBusReader reader = new(got.Body);
        Assert.Equal(7u, reader.UInt32());
        Assert.Equal("/job/1", reader.String());
    }

    [Fact]
    public void LengthsThatAreTooGreatAreRefused()
    {
        byte[] bytes = new DBusMessage { Kind = DBusMessage.Return, Serial = 1, BodySignature = "s", Body = [200, 0, 0, 0, 65, 0] }.ToBytes();
        Assert.Throws<DBusException>(() => new DBusReader(DBusMessage.Parse(bytes).Body).String());
        bytes[7] = 0x7F;
        Assert.Throws<DBusException>(() => DBusMessage.LengthOf(bytes));
        Assert.Null(DBusMessage.LengthOf(bytes.AsSpan(0, 8)));
    }

    [Fact]
    public void ElementsOfAnArrayBeginAtTheirAlignment()
    {
        DBusWriter writer = new();
        writer.Array(8, elements => elements.Align(8).String("a").Variant("b", value => value.Boolean(true)));
        Assert.Equal("10000000" + "00000000" + "010000006100" + "016200" + "000000" + "01000000", Hex(writer.Written));
    }

    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);
}
