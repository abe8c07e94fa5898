using System.Text.Json;
using Tare.Linux.Seccomp;

namespace Tare.UnitTests.Linux.Seccomp;

/// <summary>Profiles that a genuine dockerd wrote into config.json (docker-seccomp.json).</summary>
internal sealed class CapturedDockerProfile
{
    private static readonly JsonElement s_root = JsonDocument.Parse(
        File.ReadAllBytes(Path.Combine(SourceTree.Root, "tests/unit/Linux/Seccomp/docker-seccomp.json"))).RootElement;

    public static IEnumerable<string> Names => s_root.GetProperty("variants").EnumerateObject().Select(v => v.Name);

    public required string[] Capabilities { get; init; }

    public required SeccompFilterSpec Spec { get; init; }

    public static CapturedDockerProfile Load(string variant)
    {
        JsonElement captured = s_root.GetProperty("variants").GetProperty(variant);
        List<SeccompRule> rules =
        [
            new() { Names = [.. s_root.GetProperty("common").EnumerateArray().Select(n => n.GetString()!)], Action = SeccompAction.Allow },
        ];
        rules.AddRange(captured.GetProperty("syscalls").EnumerateArray().Select(Rule));
        return new CapturedDockerProfile
        {
            Capabilities = captured.GetProperty("caps") is { ValueKind: JsonValueKind.Array } caps ? [.. caps.EnumerateArray().Select(c => c.GetString()!)] : [],
            Spec = new SeccompFilterSpec
            {
                DefaultAction = SeccompAction.Errno,
                DefaultData = (ushort)captured.GetProperty("defaultErrnoRet").GetInt32(),
                Architectures = [SeccompArchitecture.X8664, SeccompArchitecture.X86, SeccompArchitecture.X32],
                Rules = rules,
            },
        };
    }

    private static SeccompRule Rule(JsonElement rule) => new()
    {
        Names = [.. rule.GetProperty("names").EnumerateArray().Select(n => n.GetString()!)],
        Action = rule.GetProperty("action").GetString() == "SCMP_ACT_ALLOW" ? SeccompAction.Allow : SeccompAction.Errno,
        Data = rule.TryGetProperty("errnoRet", out JsonElement errno) ? (ushort)errno.GetInt32() : (ushort)0,
        Conditions = rule.TryGetProperty("args", out JsonElement args) ? [.. args.EnumerateArray().Select(Condition)] : [],
    };

    private static SeccompCondition Condition(JsonElement a) => new(
        a.GetProperty("index").GetInt32(),
        a.GetProperty("op").GetString() switch
        {
            "SCMP_CMP_EQ" => SeccompOperator.Equal,
            "SCMP_CMP_NE" => SeccompOperator.NotEqual,
            _ => SeccompOperator.MaskedEqual,
        },
        a.GetProperty("value").GetUInt64());
}
