using System.Globalization;

namespace Tare.IntegrationTests.Daemon;

/// <summary>One client's random commands on containers and volumes of its own, and what their acknowledgements promise.</summary>
/// <param name="daemon">The daemon.</param>
/// <param name="number">Tells this client's names from those of others.</param>
/// <param name="seed">Of the random choice of commands.</param>
internal sealed class Workload(DaemonFixture daemon, int number, int seed)
{
    private readonly Random _random = new(seed);
    private readonly Dictionary<string, Promise> _containers = [];
    private readonly Dictionary<string, bool?> _volumes = [];
    private int _names;
    private volatile bool _stop;
    private volatile bool _failuresAreExpected;

    /// <summary>The command that failed although nothing had been killed; null when there is none.</summary>
    public string? Failure { get; private set; }

    /// <summary>Begins a round.</summary>
    public void Resume()
    {
        _stop = false;
        _failuresAreExpected = false;
    }

    /// <summary>Something is about to be killed: the command in flight and the next may fail, then the round ends.</summary>
    public void ExpectFailures()
    {
        _failuresAreExpected = true;
        _stop = true;
    }

    /// <summary>Issues commands until the round ends.</summary>
    public void Run()
    {
        try
        {
            while (!_stop && Failure is null)
            {
                Step();
            }
        }
        catch (TimeoutException e)
        {
            Failure = "a command hangs: " + e.Message;
        }
    }

    /// <summary>Compares the promises with what the daemon and the kernel say, and takes what was uncertain as it came out.</summary>
    /// <param name="moment">For messages.</param>
    /// <param name="lostShim">The id of the container whose shim was killed, which ended with it; null when none was.</param>
    public void Check(string moment, string? lostShim)
    {
        foreach ((string name, Promise promise) in _containers.ToList())
        {
            CommandResult inspect = daemon.Tare(["container", "inspect", "-f", "{{.Id}} {{.State.Status}} {{.State.Pid}}", name]);
            Assert.True(inspect.ExitCode == 0 || inspect.Stderr.Contains("No such container", StringComparison.OrdinalIgnoreCase), inspect.Stderr);
            Assert.True(promise.Exists is null || promise.Exists == (inspect.ExitCode == 0), $"{moment}: container {name} should {(promise.Exists == true ? "" : "not ")}be there: {inspect.Text}{inspect.Stderr}");
            if (inspect.ExitCode != 0)
            {
                _containers.Remove(name);
                continue;
            }

            promise.Exists = true;
            CheckState(moment, name, promise, inspect.Text.Split(' ')[0], lostShim);
        }

        foreach ((string name, bool? exists) in _volumes.ToList())
        {
            bool isThere = daemon.Tare(["volume", "inspect", name]).ExitCode == 0;
            Assert.True(exists is null || exists == isThere, $"{moment}: volume {name} should {(exists == true ? "" : "not ")}be there");
            _volumes[name] = isThere;
        }
    }

    private void CheckState(string moment, string name, Promise promise, string id, string? lostShim, int tries = 0)
    {
        string state = "";
        bool isAlive = false;
        // A restart policy may still be at work, and a container whose shim was killed takes a moment to end.
        Eventually.True(
            () =>
            {
                state = daemon.Tare(["container", "inspect", "-f", "{{.State.Status}} {{.State.Pid}}", name]).Ok().Text;
                string[] words = state.Split(' ');
                isAlive = words[0] is "running" or "paused";
                List<string> processes = ProcessesOf(id);
                return words[0] is not "restarting" and not "removing" && (isAlive ? processes.Contains(words[1]) : processes.Count == 0);
            },
            () => $"{moment}: {name} ({id}) is \"{state}\", its processes are {string.Join(' ', ProcessesOf(id))}\n{daemon.DaemonLog}");
        Assert.True(promise.Runs is null || promise.Runs == isAlive || id == lostShim, $"{moment}: {name} should {(promise.Runs == true ? "" : "not ")}run, and is {state}\n{daemon.DaemonLog}");
        // Whoever has a policy and was not told to stop is started again by the next daemon at the latest.
        promise.Runs = isAlive ? true : promise.Runs is null && promise.HasPolicy ? null : false;
        string written = $"{daemon.DataRoot}/containers/{id}/upper/written";
        int lines = File.Exists(written) ? File.ReadLines(written).Count() : 0;
        Assert.True(lines >= promise.Written && lines <= promise.Written + promise.Uncertain, $"{moment}: {name} has {lines} lines, {promise.Written} were acknowledged");
        promise.Written = lines;
        promise.Uncertain = 0;
        if (state.StartsWith("paused", StringComparison.Ordinal))
        {
            daemon.Tare(["unpause", name]).Ok();
        }
        else if (isAlive)
        {
            CommandResult exec = daemon.Tare(["exec", name, "echo", "alive"]);
            if (id == lostShim && exec.ExitCode != 0 && tries < 20)
            {
                // The daemon had not yet seen the end of the shim, and with it of the container.
                Thread.Sleep(50);
                CheckState(moment, name, promise, id, lostShim, tries + 1);
                return;
            }

            Assert.True(exec.Text == "alive", $"{moment}: exec in {name}: {exec.Stderr}\n{daemon.DaemonLog}");
        }
    }

    private void Step()
    {
        if (_containers.Count == 0 || (_containers.Count < 4 && _random.Next(4) == 0))
        {
            RunContainer();
            return;
        }

        (string name, Promise promise) = _containers.ElementAt(_random.Next(_containers.Count));
        if (promise.Exists == false)
        {
            return;
        }

        switch (_random.Next(10))
        {
            case 0:
                Attempt(["rm", "-f", name], () => promise.Exists = false, () => (promise.Exists, promise.Runs) = (null, null));
                break;
            case 1:
                promise.Runs = null;
                Attempt(["stop", "-t", "0", name], () => promise.Runs = false, () => { });
                break;
            case 2 or 3:
                bool? before = promise.Runs;
                promise.Runs = null;
                Attempt([before == true ? "restart" : "start", .. before == true ? (string[])["-t", "0"] : [], name], () => promise.Runs = true, () => { });
                break;
            case 4 when promise.Runs == true:
                Attempt(["pause", name], () => Attempt(["unpause", name], () => { }, () => { }), () => { });
                break;
            case 5:
                Rename(name, promise);
                break;
            case 6:
                string volume = $"v{number}-{_random.Next(3)}";
                bool create = _volumes.GetValueOrDefault(volume) != true;
                Attempt(["volume", create ? "create" : "rm", volume], () => _volumes[volume] = create, () => _volumes[volume] = null);
                break;
            default:
                if (promise.Runs == true)
                {
                    promise.Uncertain++;
                    Attempt(["exec", name, "sh", "-c", "echo line >>/written"], () => (promise.Written, promise.Uncertain) = (promise.Written + 1, promise.Uncertain - 1), () => { });
                }

                break;
        }
    }

    private void RunContainer()
    {
        string name = NewName();
        string[] network = _random.Next(2) == 0 ? ["--net", "none"] : [];
        string[] policy = _random.Next(3) == 0 ? ["--restart", "unless-stopped"] : [];
        Promise promise = new() { HasPolicy = policy.Length > 0 };
        _containers.Add(name, promise);
        Attempt(
            ["run", "-d", "--name", name, "--stop-signal", "KILL", "--memory", "64m", .. network, .. policy, "busybox", "sleep", "1000"],
            () => (promise.Exists, promise.Runs) = (true, true),
            () => { });
    }

    private void Rename(string name, Promise promise)
    {
        string renamed = NewName();
        Promise other = new() { HasPolicy = promise.HasPolicy };
        Attempt(
            ["rename", name, renamed],
            () =>
            {
                _containers.Remove(name);
                _containers[renamed] = promise;
            },
            () =>
            {
                // One of the two names holds it; which one is seen afterwards.
                promise.Exists = null;
                (other.Exists, other.Runs, other.Written, other.Uncertain) = (null, promise.Runs, promise.Written, promise.Uncertain);
                _containers[renamed] = other;
            });
    }

    private string NewName() => $"w{number}-{_names++}";

    private void Attempt(string[] command, Action acknowledged, Action uncertain)
    {
        CommandResult result = daemon.Tare(command, timeout: TimeSpan.FromSeconds(30));
        if (result.ExitCode == 0)
        {
            acknowledged();
            return;
        }

        uncertain();
        if (!_failuresAreExpected)
        {
            Failure = $"{result.Line}: exit {result.ExitCode}: {result.Stderr}";
        }

        _stop = true;
    }

    private static List<string> ProcessesOf(string container)
    {
        List<string> processes = [];
        foreach (string folder in Directory.EnumerateDirectories("/proc").Where(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out _)))
        {
            try
            {
                if (File.ReadAllText(folder + "/cgroup").Contains(container, StringComparison.Ordinal))
                {
                    processes.Add(Path.GetFileName(folder));
                }
            }
            catch (IOException)
            {
                // It ended while we looked.
            }
        }

        return processes;
    }

    /// <summary>What acknowledgements promise of one container; null is uncertain.</summary>
    private sealed class Promise
    {
        public bool? Exists { get; set; }

        public bool? Runs { get; set; }

        public bool HasPolicy { get; init; }

        /// <summary>Lines that were written for certain.</summary>
        public int Written { get; set; }

        /// <summary>Lines whose writing was not acknowledged.</summary>
        public int Uncertain { get; set; }
    }
}
