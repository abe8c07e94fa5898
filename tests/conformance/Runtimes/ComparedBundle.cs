using System.Text.Json.Nodes;

namespace Tare.ConformanceTests.Runtimes;

/// <summary>
/// One bundle that runc, crun and tare-runtime run one after another, each with a fresh root filesystem, and what the probe inside printed. All else is
/// equal: the folder, the identifier, the cgroup.
/// </summary>
internal sealed class ComparedBundle
{
    private static readonly string[] s_runtimes = ["runc", "crun", "tare-runtime"];
    private readonly PeerRoot _root;
    private readonly JsonNode _config;

    public ComparedBundle(PeerRoot root)
    {
        _root = root;
        Command.Run("/bin/rm", ["-rf", Folder]).Ok();
        Directory.CreateDirectory(Folder);
        root.Run(["runc", "spec", "--bundle", Folder]).Ok();
        _config = JsonNode.Parse(File.ReadAllText(Folder + "/config.json"))!;
        _config["process"]!["terminal"] = false;
        _config["process"]!["args"] = new JsonArray("sh", "/probe.sh");
        _config["linux"]!["cgroupsPath"] = root.CgroupParent + "/c";
    }

    public string Folder => _root.Folder + "/bundle";

    /// <summary>Further things that the root filesystem holds; called for each runtime.</summary>
    public Action<string>? Populate { get; init; }

    /// <summary>Run it on a terminal.</summary>
    public bool OnTerminal { get; init; }

    /// <summary>Options of exec: the container sleeps, and the probe runs by exec.</summary>
    public string[]? Exec { get; init; }

    /// <summary>Names for namespaces that the test made; by link text, as in "net:[4026531840]".</summary>
    public Dictionary<string, string> KnownNamespaces { get; } = [];

    public ComparedBundle Edit(Action<JsonNode> change)
    {
        change(_config);
        return this;
    }

    /// <summary>Runs it by all three and returns what differs between runc and tare-runtime beyond the named differences.</summary>
    public IReadOnlyList<string> Compare()
    {
        Dictionary<string, Probe> probes = [];
        foreach (string runtime in s_runtimes)
        {
            probes[runtime] = Probe.Parse(RunBy(runtime), name => NameNamespace(name));
            Probe.AddTree(probes[runtime], Folder + "/rootfs");
        }

        return Probe.Differences(probes["runc"], probes["crun"], probes["tare-runtime"]);
    }

    private string RunBy(string runtime)
    {
        string rootfs = Folder + "/rootfs";
        Command.Run("/bin/rm", ["-rf", rootfs]).Ok();
        BusyboxRoot.UnpackTo(rootfs);
        File.Copy(Path.Combine(Programs.SourceRoot(), "tests/conformance/Runtimes/probe.sh"), rootfs + "/probe.sh");
        Populate?.Invoke(rootfs);
        if (Exec is not null)
        {
            _config["process"]!["args"] = new JsonArray("sleep", "1000");
        }

        File.WriteAllText(Folder + "/config.json", _config.ToJsonString());
        string path = runtime == "tare-runtime" ? _root.Runtime : runtime;
        string[] command = [path, "--root", $"/run/compared-{runtime}"];
        try
        {
            return Exec is null ? Output(runtime, [.. command, "run", "--bundle", Folder, "compared"]) : Executed(runtime, command);
        }
        finally
        {
            _root.Run([.. command, "delete", "--force", "compared"]);
        }
    }

    private string Executed(string runtime, string[] command)
    {
        _root.Run(["sh", "-c", $"exec {string.Join(' ', command)} run --detach --bundle {Folder} compared </dev/null >{Folder}/out 2>&1"]).Ok();
        return Output(runtime, [.. command, "exec", .. Exec!, "compared", "sh", "/probe.sh"]);
    }

    // crun's answer only informs: it has no nosymfollow, and fewer options of exec.
    private string Output(string runtime, string[] command)
    {
        CommandResult result = OnTerminal ? _root.RunOnTerminal("stty rows 33 cols 77; " + string.Join(' ', command)) : _root.Run(command);
        Assert.True(runtime == "crun" || result.ExitCode == 0 && result.Stdout.Contains("== end", StringComparison.Ordinal), $"{runtime}: exit {result.ExitCode}\n{result.Stdout}\n{result.Stderr}");
        return result.Stdout;
    }

    private string NameNamespace(string link)
        => KnownNamespaces.TryGetValue(link, out string? name) ? name : _root.NamespaceLinks().Contains(link) ? "the machine's" : "its own";
}
