using System.Diagnostics;

namespace Tare.ConformanceTests.Runtimes;

/// <summary>A genuine dockerd whose only runtime of choice is tare-runtime, with an image <c>busybox</c>.</summary>
public class DockerdFixture : IDisposable
{
    private readonly Process _daemon;
    private readonly MachineState _machine;

    public DockerdFixture()
    {
        _machine = MachineState.Take(Root.Folder);
        // The tables of the firewall need not be there: the network of the tests is the bridge without translation.
        _daemon = Root.Start(["sh", "-c", $"exec dockerd --data-root {Root.Folder}/data --exec-root {Root.Folder}/exec -H unix://{Root.Folder}/docker.sock --pidfile {Root.Folder}/pid " +
            $"--iptables=false --ip6tables=false --bip 10.214.0.1/24 --cgroup-parent {Root.CgroupParent} --add-runtime tare={Root.Runtime} --default-runtime tare {Arguments} >{Root.Folder}/dockerd.log 2>&1"]);
        Eventually.True(() => Docker(["version"]).ExitCode == 0, () => "dockerd does not answer: " + File.ReadAllText(Root.Folder + "/dockerd.log"), TimeSpan.FromSeconds(60));
        Docker(["import", "-c", "ENV PATH=/bin:/usr/bin", Root.Folder + "/busybox.tar", "busybox"]).Ok();
        // dockerd keeps a mount of the machine's network namespace from its first use on.
        Docker(["run", "--rm", "--net", "host", "--userns", "host", "busybox", "true"]).Ok();
        Root.Remember();
    }

    public PeerRoot Root { get; } = new();

    /// <summary>Further arguments of dockerd.</summary>
    protected virtual string Arguments => "";

    public CommandResult Docker(IEnumerable<string> arguments, byte[]? stdin = null)
        => Root.Run(["docker", "-H", $"unix://{Root.Folder}/docker.sock", .. arguments], stdin);

    public CommandResult DockerOnTerminal(string arguments) => Root.RunOnTerminal($"docker -H unix://{Root.Folder}/docker.sock {arguments}");

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        try
        {
            // What a failed test left behind is not what this looks for.
            if (Docker(["ps", "-aq"]).Text is { Length: > 0 } left)
            {
                Docker(["rm", "-f", .. left.Split('\n')]);
            }

            // Nothing of a container is left while the daemon still runs.
            Root.RemoveCgroup("");
            Root.AssertNothingNew();
        }
        finally
        {
            Root.Run(["kill", File.ReadAllText(Root.Folder + "/pid").Trim()]);
            _daemon.WaitForExit();
            _daemon.Dispose();
            Command.Run("/bin/ip", ["link", "delete", "docker0"]);
            Root.Remember();
            Root.Dispose();
        }

        _machine.AssertNothingNew();
    }
}
