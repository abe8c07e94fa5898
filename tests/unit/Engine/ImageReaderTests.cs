using System.Text;
using System.Text.Json;
using Tare.Engine.Errors;
using Tare.Engine.Images;
using Tare.Engine.State;
using Tare.Oci.Images;

namespace Tare.UnitTests.Engine;

/// <summary>Image configurations that say null where a value is expected are read as Go's decoder reads them.</summary>
public sealed class ImageReaderTests
{
    [Fact]
    public void NullsAreEmptyValues()
    {
        ImageRecord image = Read("""
            {"architecture":null,"os":null,"variant":null,"author":null,"comment":null,"created":null,
             "config":{"Env":[null,"A=b"],"Cmd":[null],"Entrypoint":["x",null],"OnBuild":[null],"Shell":[null],"Labels":{"a":null,"b":"c"},"Volumes":{"/v":null},"ExposedPorts":{"80/tcp":null},
               "User":null,"WorkingDir":null,"Hostname":null,"Tty":null,"StopTimeout":null,"StopSignal":null,"ArgsEscaped":null,"Healthcheck":{"Test":["CMD",null],"Interval":null,"Retries":null}},
             "rootfs":{"type":null,"diff_ids":null},"history":[null,{"created":null,"created_by":null,"empty_layer":null,"comment":null}]}
            """);
        Assert.Equal(["", "A=b"], image.Config.Env);
        Assert.Equal([""], image.Config.Cmd);
        Assert.Equal(["x", ""], image.Config.Entrypoint);
        Assert.Equal([""], image.Config.OnBuild);
        Assert.Equal([""], image.Config.Shell);
        Assert.Equal(new Dictionary<string, string> { ["a"] = "", ["b"] = "c" }, image.Config.Labels);
        Assert.NotNull(image.Config.Volumes!["/v"]);
        Assert.NotNull(image.Config.ExposedPorts!["80/tcp"]);
        Assert.Equal(("", "", "", false), (image.Config.User, image.Config.WorkingDir, image.Config.Hostname, image.Config.Tty));
        Assert.Null(image.Config.StopTimeout);
        Assert.Equal(["CMD", ""], image.Config.Healthcheck!.Test);
        Assert.Equal((0, 0), (image.Config.Healthcheck.Interval, image.Config.Healthcheck.Retries));
        Assert.Equal(("", "linux", ""), (image.Architecture, image.Os, image.Comment));
        Assert.Empty(image.DiffIds);
        Assert.Equal(2, image.History.Count);
        Assert.Equal("", image.History[1].CreatedBy);
    }

    [Theory]
    [InlineData("""{"config":null,"history":null,"rootfs":{}}""")]
    [InlineData("""{"config":{"Env":null,"Cmd":null,"Labels":null,"Volumes":null,"Healthcheck":null},"history":[],"rootfs":{"diff_ids":[]}}""")]
    public void WholeMembersMayBeNull(string json)
    {
        ImageRecord image = Read(json);
        Assert.Null(image.Config.Env);
        Assert.Null(image.Config.Labels);
        Assert.Empty(image.History);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"rootfs":null}""")]
    public void WithoutLayersItIsNoImage(string json)
        => Assert.Equal("invalid image JSON, no RootFS key", Assert.Throws<EngineException>(() => Read(json)).Message);

    [Theory]
    [InlineData("""{"rootfs":{},"config":{"Env":5}}""")]
    [InlineData("""{"rootfs":{},"config":{"Labels":{"a":1}}}""")]
    [InlineData("""{"rootfs":{"diff_ids":{}}}""")]
    public void WhatIsOfAnotherTypeIsRefused(string json)
    {
        Assert.Equal(ErrorClass.DataLoss, Assert.Throws<EngineException>(() => Read(json)).Class);
        ImageConfiguration? parsed = json.Contains("config", StringComparison.Ordinal) ? JsonSerializer.Deserialize(json, ImagesJson.Default.ImageConfiguration) : null;
        Assert.True(parsed is null || Assert.Throws<EngineException>(() => ImageReader.Read("sha256:x", new ImageDocument(), parsed)).Class == ErrorClass.DataLoss);
    }

    [Fact]
    public void TheLastStepsCommentStandsForTheImages()
        => Assert.Equal("last", Read("""{"rootfs":{},"comment":"","history":[{"comment":"first"},{"comment":"last"}]}""").Comment);

    [Fact]
    public void ManifestsWithNulls()
    {
        ImageManifest manifest = JsonSerializer.Deserialize("""{"schemaVersion":null,"config":{"size":null,"annotations":{"a":null},"urls":[null]},"layers":[null],"annotations":{"b":null}}""", ImagesJson.Default.ImageManifest)!;
        Assert.Equal((0, 0L, ""), (manifest.SchemaVersion, manifest.Config!.Size, manifest.Layers[0].Digest));
        Assert.Equal("", manifest.Config.Annotations!["a"]);
        Assert.Equal("", manifest.Annotations!["b"]);
        Assert.Equal([""], manifest.Config.Urls);
    }

    private static ImageRecord Read(string json) => ImageReader.Read("sha256:" + new string('a', 64), new ImageDocument(), Encoding.UTF8.GetBytes(json));
}
