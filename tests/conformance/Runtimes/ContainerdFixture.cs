using System.Diagnostics;

namespace Tare.ConformanceTests.Runtimes;

/// <summary>A genuine containerd, driven by ctr with tare-runtime in place of runc.</summary>
public sealed class ContainerdFixture : IDisposable
{
    private readonly Process _daemon;

    public ContainerdFixture()
    {
        BusyboxRoot.UnpackTo(RootFilesystem);
        _daemon = Root.Start(["sh", "-c", $"echo $$; exec containerd --root {Root.Folder}/root --state {Root.Folder}/state -a {Root.Folder}/containerd.sock >{Root.Folder}/containerd.log 2>&1"]);
        Eventually.True(() => Ctr("version").ExitCode == 0, () => "containerd does not answer: " + File.ReadAllText(Root.Folder + "/containerd.log"), TimeSpan.FromSeconds(60));
        Root.Remember();
    }

    public PeerRoot Root { get; } = new();

    public string RootFilesystem => Root.Folder + "/busybox";

    public CommandResult Ctr(params string[] arguments) => Root.Run(["ctr", "-a", Root.Folder + "/containerd.sock", .. arguments]);

    /// <summary><c>ctr run</c> with the options, the busybox root, and a command in sh.</summary>
    public CommandResult Run(string id, string[] options, string script, byte[]? stdin = null)
        => Root.Run(["ctr", "-a", Root.Folder + "/containerd.sock", "run", "--rootfs", "--runc-binary", Root.Runtime, "--cgroup", Root.CgroupParent + "/" + id, "--env", "PATH=/bin", .. options, RootFilesystem, id, "/bin/sh", "-c", script], stdin);

    public void Dispose()
    {
        try
        {
            Root.RemoveCgroup("");
            Root.AssertNothingNew();
        }
        finally
        {
            Root.Run(["kill", _daemon.StandardOutput.ReadLine()!]);
            _daemon.WaitForExit();
            _daemon.Dispose();
            Root.Dispose();
        }
    }
}
