namespace Tare.ConformanceTests.Runtimes;

/// <summary>podman and buildah with storage of the test's own and tare-runtime as the runtime, and an image <c>busybox</c>.</summary>
public sealed class PodmanFixture : IDisposable
{
    public PodmanFixture()
    {
        Podman(["import", "--change", "ENV PATH=/bin:/usr/bin", Root.Folder + "/busybox.tar", "localhost/busybox"]).Ok();
        Root.Remember();
    }

    public PeerRoot Root { get; } = new();

    private string[] Storage => ["--root", Root.Folder + "/storage", "--runroot", Root.Folder + "/run", "--storage-driver", "vfs"];

    public string[] PodmanCommand => ["podman", .. Storage, "--runtime", Root.Runtime, "--cgroup-manager", "cgroupfs", "--tmpdir", Root.Folder + "/tmpdir", "--volumepath", Root.Folder + "/volumes"];

    public CommandResult Podman(IEnumerable<string> arguments, byte[]? stdin = null) => Root.Run([.. PodmanCommand, .. arguments], stdin);

    public CommandResult Buildah(params string[] arguments) => Root.Run(["buildah", .. Storage, .. arguments]);

    public void Dispose()
    {
        try
        {
            Podman(["rm", "-fa", "-t", "0"]);
            // podman keeps the cgroups that it puts its monitors into.
            Root.RemoveCgroup("/conmon");
            Root.RemoveCgroup("");
            Root.AssertNothingNew();
        }
        finally
        {
            Root.Dispose();
        }
    }
}
