using System.Text.Json;
using Tare.Cli.Explain;

namespace Tare.UnitTests.Cli;

public sealed class ExplanationTests
{
    private const string Json = """
        {"Id":"27f58e9cac08d2e41aa6","Name":"/web","Image":"debian","State":{"Status":"running","Pid":77,"StartedAt":"2026-01-02T03:04:05Z"},
         "Process":{"Args":["sleep","9"],"User":"","Cwd":"/","Capabilities":["CAP_CHOWN"],"NoNewPrivileges":false,"SeccompMode":"filter"},
         "Namespaces":[{"Type":"pid","Inode":4026532,"SharedWithHost":false},{"Type":"user","Inode":1,"SharedWithHost":true}],
         "Cgroups":[{"Controller":"memory","Path":"/tare/x","Limits":[{"Name":"memory","File":"memory.max","Value":"67108864","Meaning":"at most 64 MiB"}]}],
         "Layers":[{"ChainId":"sha256:aabbccddeeff0011","Path":"/l","SizeBytes":1984172,"Role":"image"},{"Path":"/u","SizeBytes":0,"Role":"writable"}],
         "Mounts":[{"Target":"/proc","Type":"proc","Source":"proc","Options":["nosuid"]}],
         "Network":{"Mode":"bridge","Interface":"eth0","IPAddress":"172.17.0.2","PrefixLength":16,"Gateway":"172.17.0.1","MacAddress":"02:42","HostInterface":"veth1"},
         "Shim":{"Pid":70,"LogPath":"/log"}}
        """;

    [Fact]
    public void TheTreeTellsWhatAContainerIsMadeOf()
    {
        using JsonDocument document = JsonDocument.Parse(Json);
        string text = PlainTree.Render(ExplanationTree.From(document.RootElement));
        Assert.StartsWith("web (27f58e9cac08), image debian, running - ", text, StringComparison.Ordinal);
        string[] facts =
        [
            "  process 77 - ", "    command: sleep 9\n", "    capabilities (1): chown - ", "  namespaces - ", "    pid: its own [4026532] - ", "    user: the host's [1] - ",
            "    memory: /tare/x\n", "      memory.max = 67108864 - at most 64 MiB\n", "    image layer aabbccddeeff, 1.98MB: /l\n", "    writable layer, 0B: /u - ",
            "    /proc: proc (nosuid)\n", "  network: bridge - ", "    address: 172.17.0.2/16\n", "  shim: process 70 - ",
        ];
        Assert.All(facts, fact => Assert.Contains("\n" + fact, text, StringComparison.Ordinal));
    }

    [Fact]
    public void WithoutColourTheTreeHasNoEscapes()
    {
        using JsonDocument document = JsonDocument.Parse(Json);
        TreeNode tree = ExplanationTree.From(document.RootElement);
        Assert.DoesNotContain('\e', TerminalTree.Render(tree, 100, color: false));
        Assert.Contains("\e[", TerminalTree.Render(tree, 100, color: true), StringComparison.Ordinal);
    }

    [Fact]
    public void AnEmptyAnswerIsNoFault()
    {
        using JsonDocument document = JsonDocument.Parse("""{"Id":"a","Name":"/n","Image":"i","State":{"Status":"exited"}}""");
        Assert.Equal($"n (a), image i, exited - {Lessons.Container}\n", PlainTree.Render(ExplanationTree.From(document.RootElement)));
    }
}
