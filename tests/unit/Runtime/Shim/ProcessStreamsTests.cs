using System.Text;
using Tare.Runtime.Containers;
using Tare.Runtime.Shim.Loop;
using Tare.Runtime.Shim.Streams;

namespace Tare.UnitTests.Runtime.Shim;

public sealed class ProcessStreamsTests : IDisposable
{
    private readonly EventLoop _loop = new();

    public void Dispose() => _loop.Dispose();

    [Fact]
    public void OutputIsFramedByStream()
    {
        using ProcessStreams streams = ProcessStreams.WithPipes(_loop, null, withInput: false, endInputWithClient: false, out StandardStreams child);
        FakeAttachment client = new();
        streams.Attach(client);
        Write(child.Output, "hello");
        Turn();
        Write(child.Error, "oops");
        Turn();
        Assert.Equal([1, 0, 0, 0, 0, 0, 0, 5, .. "hello"u8, 2, 0, 0, 0, 0, 0, 0, 4, .. "oops"u8], client.Received);
        Close(child);
    }

    [Fact]
    public void AClientGetsOnlyWhatItWants()
    {
        using ProcessStreams streams = ProcessStreams.WithPipes(_loop, null, withInput: false, endInputWithClient: false, out StandardStreams child);
        FakeAttachment client = new() { WantsError = false };
        streams.Attach(client);
        Write(child.Error, "oops");
        Turn();
        Assert.Empty(client.Received);
        Close(child);
    }

    [Fact]
    public void InputReachesTheProcessAndEndsWithTheClient()
    {
        using ProcessStreams streams = ProcessStreams.WithPipes(_loop, null, withInput: true, endInputWithClient: true, out StandardStreams child);
        streams.Input("abc"u8);
        streams.EndInput();
        byte[] buffer = new byte[10];
        Assert.Equal(3, Descriptors.Read(Descriptors.Number(child.Input), buffer));
        Assert.Equal(0, Descriptors.Read(Descriptors.Number(child.Input), buffer));
        Close(child);
    }

    [Fact]
    public void InputStaysOpenWhereItDoesNotEndWithTheClient()
    {
        using ProcessStreams streams = ProcessStreams.WithPipes(_loop, null, withInput: true, endInputWithClient: false, out StandardStreams child);
        streams.EndInput();
        Descriptors.SetNonBlocking(child.Input);
        Assert.Equal(Descriptors.WouldBlock, Descriptors.Read(Descriptors.Number(child.Input), new byte[10]));
        Close(child);
    }

    [Fact]
    public void MoreInputThanThePipeHoldsIsKeptInOrder()
    {
        using ProcessStreams streams = ProcessStreams.WithPipes(_loop, null, withInput: true, endInputWithClient: true, out StandardStreams child);
        FakeAttachment client = new();
        streams.Attach(client);
        byte[] sent = new byte[400_000];
        new Random(1).NextBytes(sent);
        streams.Input(sent);
        Assert.False(client.InputAllowed);
        streams.EndInput();
        List<byte> got = [];
        byte[] buffer = new byte[50_000];
        int count;
        while ((count = Descriptors.Read(Descriptors.Number(child.Input), buffer)) > 0)
        {
            got.AddRange(buffer.AsSpan(0, count));
            Turn();
        }

        Assert.Equal(sent, got);
        Assert.True(client.InputAllowed);
        Close(child);
    }

    [Fact]
    public void ASlowClientStopsTheReadingUntilItHasTakenHalf()
    {
        using ProcessStreams streams = ProcessStreams.WithPipes(_loop, null, withInput: false, endInputWithClient: false, out StandardStreams child);
        FakeAttachment client = new() { Pending = ProcessStreams.MostPending + 1 };
        streams.Attach(client);
        Write(child.Output, "first");
        Turn();
        int before = client.Received.Count;
        Write(child.Output, "second");
        Turn();
        Assert.Equal(before, client.Received.Count);
        client.Pending = 0;
        streams.ResumeIfTaken();
        Turn();
        Assert.EndsWith("second", Encoding.ASCII.GetString([.. client.Received]), StringComparison.Ordinal);
        Close(child);
    }

    [Fact]
    public void TheEndTakesWhatIsLeftAndDoesNotWaitForOtherHolders()
    {
        using ProcessStreams streams = ProcessStreams.WithPipes(_loop, null, withInput: false, endInputWithClient: false, out StandardStreams child);
        FakeAttachment client = new();
        streams.Attach(client);
        Write(child.Output, "last words");
        streams.Finish();
        Assert.EndsWith("last words", Encoding.ASCII.GetString([.. client.Received]), StringComparison.Ordinal);
        Assert.True(client.IsFinished);
        Assert.False(streams.IsOpen);
        Close(child);
    }

    private static void Write(Microsoft.Win32.SafeHandles.SafeFileHandle handle, string text) =>
        Assert.Equal(text.Length, Descriptors.Write(Descriptors.Number(handle), Encoding.ASCII.GetBytes(text)));

    private static void Close(StandardStreams child)
    {
        child.Input.Dispose();
        child.Output.Dispose();
        child.Error.Dispose();
    }

    private void Turn()
    {
        while (_loop.RunOnce(0))
        {
        }
    }

    private sealed class FakeAttachment : IAttachment
    {
        public List<byte> Received { get; } = [];

        public bool IsFinished { get; private set; }

        public bool InputAllowed { get; private set; }

        public bool WantsOutput { get; init; } = true;

        public bool WantsError { get; init; } = true;

        public int Pending { get; set; }

        public void Send(ReadOnlySpan<byte> bytes) => Received.AddRange(bytes);

        public void Finish() => IsFinished = true;

        public void AllowInput(bool allowed) => InputAllowed = allowed;
    }
}
