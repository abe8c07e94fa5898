using System.Text.Json;
using Tare.Docker.Documents;
using Tare.Docker.Endpoints;
using Tare.Engine.Errors;
using Tare.Engine.Events;

namespace Tare.UnitTests.Docker;

public sealed class EventFilterTests
{
    private static readonly EngineEvent s_start = new()
    {
        Type = "container",
        Action = "start",
        ActorId = "abcdef",
        Attributes = new Dictionary<string, string> { ["name"] = "web", ["image"] = "busybox:latest", ["tier"] = "front" },
        Time = DateTimeOffset.UnixEpoch.AddSeconds(5).AddTicks(1),
    };

    [Theory]
    [InlineData("type", "container", true)]
    [InlineData("type", "image", false)]
    [InlineData("event", "start", true)]
    [InlineData("event", "stop", false)]
    [InlineData("container", "web", true)]
    [InlineData("container", "/web", true)]
    [InlineData("container", "abc", true)]
    [InlineData("container", "other", false)]
    [InlineData("image", "busybox", true)]
    [InlineData("image", "debian", false)]
    [InlineData("label", "tier", true)]
    [InlineData("label", "tier=front", true)]
    [InlineData("label", "tier=back", false)]
    [InlineData("volume", "web", false)]
    [InlineData("scope", "local", true)]
    public void Chooses(string name, string value, bool isChosen) =>
        Assert.Equal(isChosen, new EventFilter(new Dictionary<string, IReadOnlyList<string>> { [name] = [value] }).Matches(s_start));

    [Fact]
    public void ChoosesExecEventsByTheirFirstWord() => Assert.True(
        new EventFilter(new Dictionary<string, IReadOnlyList<string>> { ["event"] = ["exec_create"] }).Matches(s_start with { Action = "exec_create: sh" }));

    [Fact]
    public void RefusesUnknownNames()
    {
        EngineException error = Assert.Throws<EngineException>(() => new EventFilter(new Dictionary<string, IReadOnlyList<string>> { ["foo"] = ["x"] }));
        Assert.Equal("invalid filter 'foo'", error.Message);
    }

    [Fact]
    public void WritesTheLineOfDocker() => Assert.Equal(
        """{"status":"start","id":"abcdef","from":"busybox:latest","Type":"container","Action":"start","Actor":{"ID":"abcdef","Attributes":{"name":"web","image":"busybox:latest","tier":"front"}},"scope":"local","time":5,"timeNano":5000000100}""",
        JsonSerializer.Serialize(EventEndpoints.Document(s_start), DockerJson.Relaxed.EventDocument));

    [Fact]
    public void VolumesHaveNoOldNames() => Assert.DoesNotContain(
        "status", JsonSerializer.Serialize(EventEndpoints.Document(s_start with { Type = "volume" }), DockerJson.Relaxed.EventDocument), StringComparison.Ordinal);
}
