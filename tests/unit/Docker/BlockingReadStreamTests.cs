using System.IO.Pipelines;
using Tare.Docker.Bodies;

namespace Tare.UnitTests.Docker;

/// <summary>A thread reads what comes asynchronously, sleeps in between, and wakes for bytes, the end, an error and a cancellation.</summary>
public sealed class BlockingReadStreamTests
{
    [Fact]
    public async Task BytesThatComeLaterAreWaitedFor()
    {
        Pipe pipe = new();
        using BlockingReadStream stream = new(pipe.Reader.AsStream(), CancellationToken.None);
        Task<byte[]> reading = OnThread(() =>
        {
            byte[] buffer = new byte[6];
            stream.ReadExactly(buffer);
            Assert.Equal(0, stream.Read(new byte[1]));
            return buffer;
        });
        foreach (byte[] piece in (byte[][])[[1, 2], [3], [4, 5, 6]])
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
            await pipe.Writer.WriteAsync(piece, TestContext.Current.CancellationToken);
        }

        await pipe.Writer.CompleteAsync();
        Assert.Equal([1, 2, 3, 4, 5, 6], await reading);
    }

    [Fact]
    public async Task AnErrorOfTheSourceIsThrown()
    {
        Pipe pipe = new();
        using BlockingReadStream stream = new(pipe.Reader.AsStream(), CancellationToken.None);
        Task<int> reading = OnThread(() => stream.Read(new byte[1]));
        await Task.Delay(20, TestContext.Current.CancellationToken);
        await pipe.Writer.CompleteAsync(new IOException("cut"));
        Assert.Equal("cut", (await Assert.ThrowsAsync<IOException>(() => reading)).Message);
    }

    [Fact]
    public async Task ACancellationWakesTheThread()
    {
        Pipe pipe = new();
        using CancellationTokenSource stop = new();
        using BlockingReadStream stream = new(pipe.Reader.AsStream(), stop.Token);
        Task<int> reading = OnThread(() => stream.Read(new byte[1]));
        await Task.Delay(20, TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
    }

    private static Task<T> OnThread<T>(Func<T> work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
