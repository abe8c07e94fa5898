using System.Globalization;
using System.Text.Json;
using Tare.Cli.Output;

namespace Tare.Cli.Explain;

/// <summary>Turns the answer of <c>GET /tare/containers/{id}/explain</c> into a tree.</summary>
internal static class ExplanationTree
{
    /// <summary>The tree.</summary>
    public static TreeNode From(JsonElement explanation)
    {
        List<TreeNode> parts = [];
        Add(parts, Process(explanation));
        Add(parts, Namespaces(explanation));
        Add(parts, Cgroups(explanation));
        Add(parts, Layers(explanation));
        Add(parts, Mounts(explanation));
        Add(parts, Network(explanation.Member("Network")));
        Add(parts, Shim(explanation.Member("Shim")));
        string title = $"{explanation.Text("Name").TrimStart('/')} ({ShortText.Id(explanation.Text("Id"))}), image {explanation.Text("Image")}, {explanation.Member("State").Text("Status")}";
        return new TreeNode(title, Lessons.Container, parts);
    }

    private static void Add(List<TreeNode> parts, TreeNode? part)
    {
        if (part is not null)
        {
            parts.Add(part);
        }
    }

    private static TreeNode? Process(JsonElement explanation)
    {
        JsonElement process = explanation.Member("Process");
        JsonElement state = explanation.Member("State");
        if (process.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        List<TreeNode> facts = [TreeNode.Leaf($"command: {string.Join(' ', process.Texts("Args"))}")];
        if (state.Text("StartedAt").Length > 0)
        {
            facts.Add(TreeNode.Leaf($"started: {state.Text("StartedAt")}"));
        }

        facts.Add(TreeNode.Leaf($"user: {(process.Text("User") is { Length: > 0 } user ? user : "root")}"));
        facts.Add(TreeNode.Leaf($"folder: {(process.Text("Cwd") is { Length: > 0 } folder ? folder : "/")}"));
        string[] capabilities = [.. process.Texts("Capabilities").Select(static name => name.Replace("CAP_", string.Empty, StringComparison.Ordinal).ToLowerInvariant())];
        facts.Add(capabilities.Length == 0
            ? TreeNode.Leaf("capabilities: none", Lessons.NoCapabilities)
            : TreeNode.Leaf($"capabilities ({capabilities.Length}): {string.Join(' ', capabilities)}", Lessons.Capabilities));
        if (process.Text("SeccompMode") is { Length: > 0 } seccomp)
        {
            facts.Add(TreeNode.Leaf($"seccomp: {seccomp}", Lessons.Seccomp));
        }

        facts.Add(process.Flag("NoNewPrivileges") ? TreeNode.Leaf("no_new_privs: set", Lessons.NoNewPrivileges) : TreeNode.Leaf("no_new_privs: not set"));
        return new TreeNode(state.Number("Pid") > 0 ? $"process {state.Number("Pid")}" : "process (not running)", Lessons.Process, facts);
    }

    private static TreeNode? Namespaces(JsonElement explanation)
    {
        List<TreeNode> all = [.. explanation.Items("Namespaces").Select(static entry =>
        {
            string type = entry.Text("Type");
            string inode = entry.Member("Inode").ToString();
            string shared = entry.Flag("SharedWithHost") ? "the host's" : "its own";
            return TreeNode.Leaf($"{type}: {shared}{(inode.Length > 0 ? $" [{inode}]" : string.Empty)}", Lessons.OfNamespace(type));
        })];
        return all.Count == 0 ? null : new TreeNode("namespaces", Lessons.Namespaces, all);
    }

    private static TreeNode? Cgroups(JsonElement explanation)
    {
        List<TreeNode> all = [.. explanation.Items("Cgroups").Select(static group =>
        {
            List<TreeNode> limits = [.. group.Items("Limits").Select(static limit =>
            {
                string meaning = limit.Text("Meaning");
                return TreeNode.Leaf($"{(limit.Text("File") is { Length: > 0 } file ? file : limit.Text("Name"))} = {limit.Member("Value")}", meaning);
            })];
            return new TreeNode($"{group.Text("Controller")}: {group.Text("Path")}", string.Empty, limits);
        })];
        return all.Count == 0 ? null : new TreeNode("control groups", Lessons.Cgroups, all);
    }

    private static TreeNode? Layers(JsonElement explanation)
    {
        List<TreeNode> all = [.. explanation.Items("Layers").Select(static layer =>
        {
            bool writable = layer.Text("Role") == "writable";
            string size = SizeText.Human(layer.Number("SizeBytes"), 3);
            string name = writable ? "writable layer" : $"image layer {ShortText.Id(layer.Text("ChainId"))}";
            return TreeNode.Leaf($"{name}, {size}: {layer.Text("Path")}", writable ? "all that the container changed; goes away with it" : string.Empty);
        })];
        return all.Count == 0 ? null : new TreeNode("files", Lessons.Layers, all);
    }

    private static TreeNode? Mounts(JsonElement explanation)
    {
        List<TreeNode> all = [.. explanation.Items("Mounts").Select(static mount =>
        {
            string source = mount.Text("Source");
            string type = mount.Text("Type");
            JsonElement given = mount.Member("Options");
            string options = given.ValueKind == JsonValueKind.Array ? string.Join(',', mount.Texts("Options")) : given.ToString();
            return TreeNode.Leaf($"{mount.Text("Target")}: {type}{(source.Length > 0 && source != type ? $" of {source}" : string.Empty)}{(options.Length > 0 ? $" ({options})" : string.Empty)}");
        })];
        return all.Count == 0 ? null : new TreeNode("mounts", Lessons.Mounts, all);
    }

    private static TreeNode? Network(JsonElement network)
    {
        if (network.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        List<TreeNode> facts = [];
        void Fact(string title, string value)
        {
            if (value.Length > 0)
            {
                facts.Add(TreeNode.Leaf($"{title}: {value}"));
            }
        }

        string address = network.Text("IPAddress");
        Fact("interface inside", network.Text("Interface"));
        Fact("address", address.Length > 0 && network.Number("PrefixLength") is > 0 and long prefix ? $"{address}/{prefix}" : address);
        Fact("gateway", network.Text("Gateway"));
        Fact("MAC address", network.Text("MacAddress"));
        Fact("interface on the host", network.Text("HostInterface"));
        Fact("receives at most", Rate(network.Number("IngressBitsPerSecond")));
        Fact("sends at most", Rate(network.Number("EgressBitsPerSecond")));
        string mode = network.Text("Mode");
        string lesson = mode switch
        {
            "none" => "it has a network of its own with nothing but the loopback interface",
            "host" => "it uses the host's network as any other process does",
            _ => Lessons.Network,
        };
        return new TreeNode($"network: {mode}", lesson, facts);
    }

    private static string Rate(long bits) => bits switch
    {
        0 => "",
        >= 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bits / 1e9:0.###} Gbit/s"),
        >= 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bits / 1e6:0.###} Mbit/s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bits / 1e3:0.###} kbit/s"),
    };

    private static TreeNode? Shim(JsonElement shim)
    {
        if (shim.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        string log = shim.Text("LogPath");
        return new TreeNode($"shim: process {shim.Number("Pid")}", Lessons.Shim, log.Length > 0 ? [TreeNode.Leaf($"log: {log}")] : []);
    }
}
