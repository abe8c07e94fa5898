namespace Tare.IntegrationTests.Runtime;

/// <summary>Tests with a bundle of their own, after which nothing may be left on the machine.</summary>
public abstract class BundleTests : IDisposable
{
    private readonly MachineState _before = MachineState.Take("tare-it-");

    /// <summary>The test's bundle.</summary>
    protected Bundle Bundle { get; } = new();

    public void Dispose()
    {
        Bundle.Dispose();
        _before.AssertNothingNew();
        GC.SuppressFinalize(this);
    }

    /// <summary>Runs a command that leaves a container behind. It inherits the standard streams, as with runc; a pipe of ours would stay open as long as it lives.</summary>
    protected void Detached(params string[] arguments)
        => Command.Run("/bin/sh", ["-c", $"exec {Programs.Runtime} --root {Bundle.StateRoot} {string.Join(' ', arguments)} </dev/null >/dev/null 2>{Bundle.Folder}/stderr"]).Ok();
}
