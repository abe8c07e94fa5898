using System.Text.Json;
using System.Text.Json.Nodes;
using Tare.Oci.Runtime;

namespace Tare.UnitTests.Oci;

public sealed class RuntimeSpecTests
{
    [Fact]
    public void SurvivesARoundTrip()
    {
        const string Json = """
            {"ociVersion":"1.3.0","process":{"terminal":true,"consoleSize":{"height":24,"width":80},"user":{"uid":1,"gid":2,"umask":18,"additionalGids":[3]},
            "args":["a"],"env":["A=b"],"cwd":"/","rlimits":[{"type":"RLIMIT_CORE","hard":18446744073709551615,"soft":0}],"oomScoreAdj":-5},
            "root":{"path":"rootfs","readonly":true},"mounts":[{"destination":"/proc","type":"proc","source":"proc"}],
            "linux":{"resources":{"memory":{"limit":-1,"swap":5},"cpu":{"shares":2,"quota":-1,"period":100000},"pids":{"limit":0},
            "unified":{"memory.high":"1"}},"namespaces":[{"type":"pid"}],
            "seccomp":{"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":1,"architectures":["SCMP_ARCH_X86_64"],
            "syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":1,"valueTwo":2,"op":"SCMP_CMP_MASKED_EQ"}]}]}}}
            """;
        RuntimeSpec spec = JsonSerializer.Deserialize(Json, RuntimeJson.Default.RuntimeSpec)!;
        JsonNode again = JsonNode.Parse(JsonSerializer.Serialize(spec, RuntimeJson.Default.RuntimeSpec))!;
        foreach ((string path, string expected) in new[]
        {
            ("process.rlimits.0.hard", "18446744073709551615"), ("process.user.umask", "18"), ("linux.resources.memory.limit", "-1"), ("linux.resources.pids.limit", "0"),
            ("linux.seccomp.syscalls.0.args.0.valueTwo", "2"), ("process.oomScoreAdj", "-5"), ("linux.seccomp.defaultErrnoRet", "1"),
        })
        {
            JsonNode? node = again;
            foreach (string part in path.Split('.'))
            {
                node = int.TryParse(part, out int index) ? node![index] : node![part];
            }

            Assert.Equal(expected, node!.ToString());
        }
    }

    [Fact]
    public void UnknownPropertiesArePassedOver()
        => Assert.Equal("1.0.0", JsonSerializer.Deserialize("""{"ociVersion":"1.0.0","unheardOf":{"a":[1]},"windows":{}}""", RuntimeJson.Default.RuntimeSpec)!.OciVersion);

    [Fact]
    public void AbsentSectionsStayAbsent()
        => Assert.Equal("""{"ociVersion":"1.0.0"}""", JsonSerializer.Serialize(new RuntimeSpec { OciVersion = "1.0.0" }, RuntimeJson.Default.RuntimeSpec));
}
