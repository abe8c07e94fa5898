using System.Text;
using Tare.Docker.Endpoints;
using Tare.Docker.Routing;
using Tare.Engine.Containers;
using Tare.Engine.Errors;

namespace Tare.UnitTests.Docker;

public sealed class CreateCompatibilityTests
{
    private const string Everything = """
        {"Image":"i","Healthcheck":{"StartInterval":5},"HostConfig":{"AutoRemove":true,"ConsoleSize":[1,2],"Annotations":{"a":"b"},
         "Mounts":[{"Type":"bind","Source":"/a","Target":"/b","BindOptions":{"NonRecursive":true,"CreateMountpoint":true},"VolumeOptions":{"NoCopy":true}}]},
         "NetworkingConfig":{"EndpointsConfig":{"bridge":{"MacAddress":"02:00:00:00:00:01"}}}}
        """;

    [Fact]
    public void TheNewestVersionChangesNothing()
    {
        CreateContainerRequest create = Apply(Everything, 51);
        HostConfig host = create.HostConfig!;
        Assert.Equal((true, "", "", 1u, true), (host.AutoRemove, host.IpcMode, host.CgroupnsMode, host.ConsoleSize[0], host.Annotations is not null));
        Assert.Equal((true, true), (host.Mounts![0].BindOptions!.NonRecursive, host.Mounts[0].BindOptions!.CreateMountpoint));
        Assert.NotNull(host.Mounts[0].VolumeOptions);
        Assert.Equal(5, create.Config.Healthcheck!.StartInterval);
        Assert.Equal("02:00:00:00:00:01", create.NetworkingConfig!.EndpointsConfig!["bridge"]!.MacAddress);
        Assert.Equal(("linux/arm64", true, false), (create.Platform, create.TellsOldMacAddress, create.ReadOnlyNonRecursive));
    }

    [Fact]
    public void TheOldestVersionKnowsNoneOfThat()
    {
        CreateContainerRequest create = Apply(Everything, 24);
        HostConfig host = create.HostConfig!;
        Assert.Equal((false, "shareable", "host", 0u, false), (host.AutoRemove, host.IpcMode, host.CgroupnsMode, host.ConsoleSize[0], host.Annotations is not null));
        Assert.Equal((false, false), (host.Mounts![0].BindOptions!.NonRecursive, host.Mounts[0].BindOptions!.CreateMountpoint));
        Assert.Null(host.Mounts[0].VolumeOptions);
        Assert.Equal(0, create.Config.Healthcheck!.StartInterval);
        Assert.Equal("", create.NetworkingConfig!.EndpointsConfig!["bridge"]!.MacAddress);
        Assert.Equal((null, false, true), (create.Platform, create.TellsOldMacAddress, create.ReadOnlyNonRecursive));
    }

    [Theory]
    [InlineData(43, """{"NetworkingConfig":{"EndpointsConfig":{"a":{},"b":{}}}}""", "Container cannot be created with multiple network endpoints: a, b")]
    [InlineData(43, """{"HostConfig":{"Mounts":[{"Type":"bind","BindOptions":{"ReadOnlyForceRecursive":true}}]}}""", "BindOptions.ReadOnlyForceRecursive needs API v1.44 or newer")]
    [InlineData(44, """{"HostConfig":{"Mounts":[{"Type":"volume","VolumeOptions":{"Subpath":"x"}}]}}""", "VolumeOptions.Subpath needs API v1.45 or newer")]
    [InlineData(47, """{"HostConfig":{"Mounts":[{"Type":"image"}]}}""", "Mount type \"Image\" needs API v1.48 or newer")]
    public void WhatCannotBePassedOverIsRefused(int minor, string body, string message)
    {
        string whole = body.Insert(1, "\"Image\":\"i\",");
        Assert.Equal(message, Assert.Throws<EngineException>(() => Apply(whole, minor)).Message);
        Apply(whole, minor + 1);
    }

    private static CreateContainerRequest Apply(string body, int minor) =>
        CreateCompatibility.Apply(CreateRequests.Parse(Encoding.UTF8.GetBytes(body), null, "linux/arm64"), new ApiVersion(1, minor), cgroupVersion: 1);
}
