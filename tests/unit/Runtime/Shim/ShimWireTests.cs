using System.Text;
using System.Text.Json;
using Tare.Oci.Runtime;
using Tare.Runtime.Shim.Protocol;

namespace Tare.UnitTests.Runtime.Shim;

public sealed class ShimWireTests
{
    private static readonly DateTimeOffset s_instant = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public void RequestsAreReadAsTheSerializerWritesThem()
    {
        ShimRequest request = new()
        {
            Op = ShimOperations.Create,
            StateRoot = "/run/x",
            Root = new ShimRoot { Lower = ["/a", "/b"], Upper = "/u", Work = "/w", IsMounted = true },
            Log = new ShimLog { Path = "/log", MaxSizeBytes = 5, MaxFiles = 6, Compact = true },
            OpenStdin = true,
            StdinOnce = true,
            ExitFile = "/exit",
            OomWatch = true,
            Init = true,
            Stdin = true,
            Stdout = true,
            Stderr = true,
            ExecId = "e",
            Process = new ProcessSpec { Args = ["sh"], Terminal = true, User = new User { Uid = 7 } },
            Detach = true,
            Rows = 24,
            Cols = 80,
            Signal = 9,
            All = true,
        };
        string line = JsonSerializer.Serialize(request, ShimJsonContext.Default.ShimRequest);
        Assert.DoesNotContain(":false", line.Replace("\"noNewPrivileges\":false", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal(line, JsonSerializer.Serialize(ShimWire.ReadRequest(Encoding.UTF8.GetBytes(line)), ShimJsonContext.Default.ShimRequest));
    }

    [Fact]
    public void DefaultsAreReadAsTheSerializerReadsThem()
        => Assert.Equal(
            JsonSerializer.Serialize(JsonSerializer.Deserialize("""{"op":"x","log":{}}""", ShimJsonContext.Default.ShimRequest)!, ShimJsonContext.Default.ShimRequest),
            JsonSerializer.Serialize(ShimWire.ReadRequest("""{"op":"x","log":{}}"""u8), ShimJsonContext.Default.ShimRequest));

    [Fact]
    public void AWrongRequestNamesThePlace()
        => Assert.Equal("$.rows", Assert.Throws<JsonException>(() => ShimWire.ReadRequest("""{"op":"resize","rows":"many"}"""u8)).Path);

    [Fact]
    public void AnswersAreWrittenAsTheSerializerWritesThem()
    {
        ExitRecord exit = new() { ExitCode = 137, ExitedAt = s_instant.AddTicks(7), OomKilled = true };
        foreach (ShimReply reply in new[]
        {
            new ShimReply { Ok = true },
            new ShimReply { Kind = "failed", Message = "a \"b\"\n\u00e4" },
            new ShimReply
            {
                Ok = true,
                Pid = 5,
                State = new ShimState
                {
                    Pid = 5, Status = "stopped", ShimPid = 4, Exit = exit,
                    Execs = [new ShimExecState { ExecId = "a", Pid = 6, Running = true }, new ShimExecState { ExecId = "b", ExitCode = 3 }],
                },
            },
            new ShimReply { Ok = true, State = new ShimState() },
        })
        {
            Assert.Equal(Plain(JsonSerializer.SerializeToUtf8Bytes(reply, ShimJsonContext.Default.ShimReply)), Plain(ShimWire.Write(reply)));
        }

        Assert.Equal(Plain(JsonSerializer.SerializeToUtf8Bytes(exit, ShimJsonContext.Default.ExitRecord)), Plain(ShimWire.Write(exit)));
        foreach (ShimEvent occurrence in new[]
        {
            new ShimEvent { Event = ShimEvent.OomKill },
            new ShimEvent { Event = ShimEvent.ExecExit, ExecId = "e", ExitCode = 0, At = s_instant },
            new ShimEvent { Event = ShimEvent.Exit, ExitCode = 1, At = s_instant, Oom = false },
        })
        {
            Assert.Equal(Plain(JsonSerializer.SerializeToUtf8Bytes(occurrence, ShimJsonContext.Default.ShimEvent)), Plain(ShimWire.Write(occurrence)));
        }
    }

    // The same document may escape characters that need not be.
    private static string Plain(byte[] json) => System.Text.Json.Nodes.JsonNode.Parse(json)!.ToJsonString();
}
