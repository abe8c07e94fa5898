namespace Tare.ConformanceTests.Runtimes;

/// <summary>A tared, and the peers' root that has umoci.</summary>
public sealed class UmociFixture : IDisposable
{
    public PeerRoot Peers { get; } = new();

    public DaemonFixture Tare { get; } = new();

    public void Dispose()
    {
        // The daemon's bridge goes first: the peers' root is compared with what was before it.
        Tare.Dispose();
        Peers.Dispose();
    }
}
