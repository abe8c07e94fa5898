using System.Text.Json.Nodes;

namespace Tare.IntegrationTests.Runtime;

/// <summary>Bind mounts whose files appear with other owners inside.</summary>
public sealed class IdMappedMountTests : IDisposable
{
    private readonly MachineState _before;
    private readonly Bundle _bundle;

    public IdMappedMountTests()
    {
        _before = MachineState.Take("tare-it-");
        _bundle = new Bundle();
        Directory.CreateDirectory(Source + "/below");
        File.WriteAllText(Source + "/file", "content");
        Command.Run("/bin/chown", ["1000:1001", Source + "/file"]).Ok();
    }

    public void Dispose()
    {
        _bundle.Dispose();
        _before.AssertNothingNew();
    }

    private string Source => _bundle.Folder + "/source";

    [Theory]
    [InlineData("idmap")]
    [InlineData("ridmap")]
    [InlineData(null)]
    public void AMountHasItsOwnMaps(string? option)
    {
        Add(option, Maps(1000, 5000), Maps(1001, 6000));
        Assert.Equal("5000:6000\n0:0", _bundle.Sh("stat -c %u:%g /data/file; touch /data/new 2>/dev/null; stat -c %u:%g /root").Run().Ok().Text);
        // Nobody inside is mapped to an owner on the disk.
        Assert.False(File.Exists(Source + "/new"));
    }

    [Fact]
    public void WithoutMapsThoseOfTheContainerAreTaken()
    {
        Command.Run("/bin/chown", ["-R", "100000:100000", _bundle.Folder + "/rootfs"]).Ok();
        Command.Run("/bin/chown", ["0:7", Source + "/file"]).Ok();
        Add("idmap", null, null).Edit(config =>
        {
            config["linux"]!["namespaces"]!.AsArray().Add(new JsonObject { ["type"] = "user" });
            config["linux"]!["uidMappings"] = Maps(0, 100_000, 65536);
            config["linux"]!["gidMappings"] = Maps(0, 100_000, 65536);
        });
        Assert.Equal("0:7", _bundle.Sh("stat -c %u:%g /data/file").Run().Ok().Text);
    }

    [Theory]
    [InlineData("idmap", false, "needs uidMappings and gidMappings, or a user namespace")]
    [InlineData(null, true, "uidMappings and gidMappings are needed both or neither")]
    public void WhatIsMissingIsNamed(string? option, bool uids, string message)
    {
        CommandResult result = Add(option, uids ? Maps(0, 1) : null, null).Run();
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(message, result.Stderr, StringComparison.Ordinal);
    }

    [Fact]
    public void OnlyBindMountsAreMapped()
    {
        _bundle.Edit(config => config["mounts"]!.AsArray().Add(new JsonObject
        {
            ["destination"] = "/data",
            ["type"] = "tmpfs",
            ["source"] = "tmpfs",
            ["uidMappings"] = Maps(0, 1),
            ["gidMappings"] = Maps(0, 1),
        }));
        Assert.Contains("only bind mounts can be idmapped", _bundle.Run().Stderr, StringComparison.Ordinal);
    }

    private static JsonArray Maps(int inside, int outside, int size = 1)
        => new(new JsonObject { ["containerID"] = inside, ["hostID"] = outside, ["size"] = size });

    private Bundle Add(string? option, JsonArray? uids, JsonArray? gids) => _bundle.Edit(config => config["mounts"]!.AsArray().Add(new JsonObject
    {
        ["destination"] = "/data",
        ["type"] = "bind",
        ["source"] = Source,
        ["options"] = option is null ? new JsonArray("rbind") : new JsonArray("rbind", option),
        ["uidMappings"] = uids,
        ["gidMappings"] = gids,
    }));
}
