using System.Security.Cryptography;
using Tare.Oci.Images;
using Tare.Storage.Layers;

namespace Tare.UnitTests.Storage;

/// <summary>What one thread writes another reads, with the digest of it; an error of the first is told by the second, and a reader that has gone stops nobody.</summary>
public sealed class ArchivePipeTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(262_144)]
    [InlineData(3_000_001)]
    public async Task TheReaderGetsWhatIsWrittenAndItsDigest(int length)
    {
        byte[] content = RandomNumberGenerator.GetBytes(length);
        ArchivePipe pipe = new();
        Task writing = OnThread(() =>
        {
            foreach (byte[] part in content.Chunk(100_003))
            {
                pipe.Output.Write(part);
            }

            pipe.Complete(null);
        });
        using MemoryStream read = new();
        await OnThread(() => pipe.Input.CopyTo(read));
        await writing;
        Assert.Equal(content, read.ToArray());
        Assert.Equal(length, pipe.Count);
        Assert.Equal(Digest.Of(content), pipe.Finish());
    }

    [Fact]
    public void AFailureIsToldAfterWhatWasWritten()
    {
        ArchivePipe pipe = new();
        pipe.Output.Write([1, 2, 3]);
        pipe.Complete(new IOException("unreadable"));
        byte[] buffer = new byte[10];
        Assert.Equal(3, pipe.Input.Read(buffer));
        Assert.Equal("unreadable", Assert.Throws<IOException>(() => pipe.Input.Read(buffer)).Message);
    }

    [Fact]
    public async Task AWriterWhoseReaderHasGoneEnds()
    {
        ArchivePipe pipe = new();
        Task writing = OnThread(() =>
        {
            for (int i = 0; i < 100; i++)
            {
                pipe.Output.Write(new byte[100_000]);
            }

            pipe.Complete(null);
        });
        pipe.Input.Dispose();
        await writing.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    private static Task OnThread(Action work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
