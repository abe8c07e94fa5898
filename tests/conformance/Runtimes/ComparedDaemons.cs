namespace Tare.ConformanceTests.Runtimes;

/// <summary>A tared and a genuine dockerd beside each other. Each looks at its end for what it left behind, so they end in the reverse order of their starts.</summary>
public sealed class ComparedDaemons : IDisposable
{
    public DaemonFixture Tare { get; } = new();

    public DockerdFixture Docker { get; } = new();

    public void Dispose()
    {
        try
        {
            Docker.Dispose();
        }
        finally
        {
            Tare.Dispose();
        }
    }
}
