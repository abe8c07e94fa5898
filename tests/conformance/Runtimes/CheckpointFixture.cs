using System.Text.Json.Nodes;

namespace Tare.ConformanceTests.Runtimes;

/// <summary>Bundles in the peers' root, where criu is, that tare-runtime and runc checkpoint and restore.</summary>
public sealed class CheckpointFixture : IDisposable
{
    // Writes down how far it has counted, whatever becomes of it.
    public const string Counter = "i=0; while true; do i=$((i+1)); echo $i > /count.new; mv /count.new /count; sleep 0.05; done";
    private int _count;

    public PeerRoot Root { get; } = new();

    /// <summary>Makes a bundle; its name is the container's id too.</summary>
    public string Bundle(string script, Action<JsonNode>? change = null, bool terminal = false)
    {
        string id = "c" + Interlocked.Increment(ref _count);
        string folder = Folder(id);
        BusyboxRoot.UnpackTo(folder + "/rootfs");
        Root.Run(["runc", "spec", "--bundle", folder]).Ok();
        JsonNode config = JsonNode.Parse(File.ReadAllText(folder + "/config.json"))!;
        config["process"]!["terminal"] = terminal;
        config["process"]!["args"] = new JsonArray("sh", "-c", script);
        config["root"]!["readonly"] = false;
        config["linux"]!["cgroupsPath"] = $"{Root.CgroupParent}/{id}";
        change?.Invoke(config);
        File.WriteAllText(folder + "/config.json", config.ToJsonString());
        return id;
    }

    public string Folder(string id) => $"{Root.Folder}/{id}";

    public string Images(string id) => Folder(id) + "/images";

    public int Count(string id) => File.Exists(Folder(id) + "/rootfs/count") && int.TryParse(File.ReadAllText(Folder(id) + "/rootfs/count"), out int count) ? count : 0;

    /// <summary>Runs a command of a runtime.</summary>
    /// <param name="arguments">The command.</param>
    /// <param name="runtime">The program; null is the one under test.</param>
    public CommandResult Runtime(IEnumerable<string> arguments, string? runtime = null)
        => Root.Run([.. Command(runtime), .. arguments]);

    /// <summary>Runs a command of a runtime that leaves a container behind, whose streams are /dev/null.</summary>
    public void Detached(IEnumerable<string> arguments, string? runtime = null)
    {
        string log = $"{Root.Folder}/log";
        File.Delete(log);
        CommandResult result = Root.Run(["sh", "-c", $"exec {string.Join(' ', Command(runtime))} --log {log} {string.Join(' ', arguments)} </dev/null >/dev/null 2>&1"]);
        Assert.True(result.ExitCode == 0, $"{string.Join(' ', arguments)}: exit {result.ExitCode}\n{(File.Exists(log) ? File.ReadAllText(log) : "")}");
    }

    /// <summary>Runs a counting container and waits until it counts.</summary>
    public string Counting(Action<JsonNode>? change = null, string? runtime = null)
    {
        string id = Bundle(Counter, change);
        Detached(["run", "--detach", "--bundle", Folder(id), id], runtime);
        Eventually.True(() => Count(id) > 2, "it does not count");
        return id;
    }

    public void Checkpoint(string id, string[]? options = null, string? runtime = null)
        => Runtime(["checkpoint", "--image-path", Images(id), .. options ?? [], id], runtime).Ok();

    public void Restore(string id, string[]? options = null, string? runtime = null)
        => Detached(["restore", "--detach", "--bundle", Folder(id), "--image-path", Images(id), .. options ?? [], id], runtime);

    /// <summary>Fails unless it counts on from where it was.</summary>
    public void AssertCountsOn(string id, int from)
    {
        Eventually.True(() => Count(id) > from + 2, () => $"it stands at {Count(id)}");
        Assert.True(Count(id) < from + 1000, "it has begun anew");
    }

    public string State(string id, string field) => JsonNode.Parse(Runtime(["state", id]).Ok().Stdout)![field]!.ToString();

    /// <summary>Deletes a container whatever its state.</summary>
    public void Delete(string id, string? runtime = null) => Runtime(["delete", "--force", id], runtime).Ok();

    /// <summary>The mount table of a container's first process without what numbers alone tell.</summary>
    public IReadOnlyList<string> Mounts(string id)
        => [.. File.ReadLines($"/proc/{State(id, "pid")}/mountinfo").Select(line => string.Join(' ', line.Split(' ').Skip(3).Where(field => !field.StartsWith("master:", StringComparison.Ordinal)))).Order(StringComparer.Ordinal)];

    public void Dispose()
    {
        foreach (string? runtime in new[] { null, "runc" })
        {
            foreach (string id in Runtime(["list", "-q"], runtime).Stdout.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                Delete(id, runtime);
            }
        }

        Root.Dispose();
    }

    private IEnumerable<string> Command(string? runtime) => [runtime ?? Root.Runtime, "--root", $"{Root.Folder}/state-{Path.GetFileName(runtime ?? "tare")}"];
}
