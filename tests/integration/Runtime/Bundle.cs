using System.Text.Json.Nodes;

namespace Tare.IntegrationTests.Runtime;

/// <summary>An OCI bundle with a busybox root, a state root of its own, and the runtime to run it with. Disposing it deletes its containers.</summary>
public sealed class Bundle : IDisposable
{
    private static int s_count;

    public Bundle()
    {
        Id = $"tare-it-{Environment.ProcessId}-{Interlocked.Increment(ref s_count)}";
        Folder = "/tmp/" + Id;
        BusyboxRoot.UnpackTo(Path.Combine(Folder, "rootfs"));
        Runtime(["spec", "--bundle", Folder]).Ok();
        Edit(config =>
        {
            config["process"]!["terminal"] = false;
            config["process"]!["env"] = new JsonArray("PATH=/bin:/usr/bin", "TERM=xterm");
            config["root"]!["readonly"] = false;
        });
    }

    public string Id { get; }

    public string Folder { get; }

    public string StateRoot => Path.Combine(Folder, "state");

    private string ConfigPath => Path.Combine(Folder, "config.json");

    /// <summary>Changes config.json.</summary>
    public Bundle Edit(Action<JsonNode> change)
    {
        JsonNode config = JsonNode.Parse(File.ReadAllText(ConfigPath))!;
        change(config);
        File.WriteAllText(ConfigPath, config.ToJsonString());
        return this;
    }

    /// <summary>Gives the container a new namespace of a type that it may have already: on cgroup v2 it has one of its cgroup.</summary>
    public static void AddNamespace(JsonNode config, string type)
    {
        JsonArray namespaces = config["linux"]!["namespaces"]!.AsArray();
        if (!namespaces.Any(space => (string?)space!["type"] == type))
        {
            namespaces.Add(new JsonObject { ["type"] = type });
        }
    }

    /// <summary>Sets the command.</summary>
    public Bundle Args(params string[] args) => Edit(config => config["process"]!["args"] = new JsonArray([.. args.Select(arg => (JsonNode)arg)]));

    /// <summary>Sets the command to a shell script.</summary>
    public Bundle Sh(string script) => Args("sh", "-c", script);

    public CommandResult Run(byte[]? stdin = null) => Runtime(["run", "--bundle", Folder, Id], stdin);

    /// <summary>Runs tare-runtime with this bundle's state root.</summary>
    public CommandResult Runtime(IEnumerable<string> arguments, byte[]? stdin = null)
        => Command.Run(Programs.Runtime, ["--root", StateRoot, .. arguments], stdin);

    public void Dispose()
    {
        Runtime(["delete", "--force", Id]);
        Directory.Delete(Folder, recursive: true);
    }
}
