using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Tare.IntegrationTests.Images;

/// <summary>A store is damaged in every way, and <c>tare system check</c> names it and repairs it.</summary>
public sealed class SystemCheckTests : IDisposable
{
    private readonly DaemonFixture _daemon = new();
    private readonly Registry _registry;

    public SystemCheckTests() => _registry = new Registry($"{_daemon.Root}/registry");

    private string Image => $"{_registry.Host}/team/tool:v1";

    public void Dispose()
    {
        _registry.Dispose();
        _daemon.Dispose();
    }

    [Fact]
    public void ASoundStoreIsClean()
    {
        Pull();
        _daemon.Tare($"run --name used {Image} true").Ok();
        string text = _daemon.Tare("system check").Ok().Text;
        Assert.Equal("Checked 5 blobs, 2 layers, 2 images, 1 containers: no damage", text);
        using JsonDocument report = JsonDocument.Parse(_daemon.Tare("system check --format json").Ok().Stdout);
        Assert.True(report.RootElement.GetProperty("IsClean").GetBoolean());
        Assert.Contains("is not a valid value", _daemon.Tare("system check --format xml").Exits(1).Stderr, StringComparison.Ordinal);
    }

    [Fact]
    public void ADamagedLayerIsUnpackedAgain()
    {
        Pull();
        string tree = Layer("second");
        File.WriteAllText(tree + "/second", "changed by a stranger");
        string found = _daemon.Tare("system check").Exits(1).Stdout;
        Assert.Contains("\"/second\" has ", found, StringComparison.Ordinal);
        Assert.Contains(Path.GetDirectoryName(tree)!, found, StringComparison.Ordinal);
        Assert.Contains("--repair unpacks it again", found, StringComparison.Ordinal);
        Assert.Contains("repaired: unpacked again", _daemon.Tare("system check --repair").Ok().Stdout, StringComparison.Ordinal);
        Assert.Equal("two", File.ReadAllText(tree + "/second"));
        AssertClean();
        Assert.Equal("two", _daemon.Tare($"run --rm {Image} cat /second").Ok().Text);
    }

    [Theory]
    [InlineData("mode")]
    [InlineData("owner")]
    [InlineData("content")]
    [InlineData("missing file")]
    [InlineData("stray file")]
    [InlineData("size")]
    [InlineData("missing tree")]
    public void DamageOfALayerIsSeen(string damage)
    {
        Pull();
        string tree = Layer("second");
        switch (damage)
        {
            case "mode": File.SetUnixFileMode(tree + "/second", UnixFileMode.UserRead); break;
            case "owner": Command.Run("/bin/chown", ["12:13", tree + "/second"]).Ok(); break;
            case "content":
                DateTime time = File.GetLastWriteTimeUtc(tree + "/second");
                File.WriteAllText(tree + "/second", "tvo");
                File.SetLastWriteTimeUtc(tree + "/second", time);
                break;
            case "missing file": File.Delete(tree + "/second"); break;
            case "stray file": File.WriteAllText(tree + "/third", "3"); break;
            case "size": File.WriteAllText(Path.GetDirectoryName(tree) + "/size", "77"); break;
            default: Directory.Delete(tree, recursive: true); break;
        }

        Assert.Contains("layer sha256:", _daemon.Tare("system check").Exits(1).Stdout, StringComparison.Ordinal);
        _daemon.Tare("system check --repair").Ok();
        AssertClean();
        Assert.Equal("two", _daemon.Tare($"run --rm {Image} cat /second").Ok().Text);
    }

    [Fact]
    public void ALayerThatAContainerRunsOnIsLeftAlone()
    {
        Pull();
        _daemon.Tare($"run -d --name runs {Image} sleep 1000").Ok();
        File.SetUnixFileMode(Layer("second") + "/second", UnixFileMode.UserRead);
        Assert.Contains("stop container", _daemon.Tare("system check --repair").Exits(1).Stdout, StringComparison.Ordinal);
        Assert.Contains("team/tool", _daemon.Tare("images").Ok().Stdout, StringComparison.Ordinal);
        _daemon.Tare("rm -f runs").Ok();
        _daemon.Tare("system check --repair").Ok();
        AssertClean();
    }

    [Fact]
    public void AMissingLayerHidesTheImageUntilItIsRepaired()
    {
        Pull();
        string folder = Path.GetDirectoryName(Layer("second"))!;
        Directory.Delete(folder, recursive: true);
        _daemon.KillDaemon();
        _daemon.StartDaemon();
        Assert.DoesNotContain("team/tool", _daemon.Tare("images").Ok().Stdout, StringComparison.Ordinal);
        Assert.Contains(folder, _daemon.Tare("system check").Exits(1).Stdout, StringComparison.Ordinal);
        Assert.Contains("shown again", _daemon.Tare("system check --repair").Ok().Stdout, StringComparison.Ordinal);
        Assert.Equal("two", _daemon.Tare($"run --rm {Image} cat /second").Ok().Text);
        AssertClean();
    }

    [Theory]
    [InlineData("layer")]
    [InlineData("config")]
    [InlineData("manifest")]
    public void ADamagedBlobOfAPulledImageComesBackByThePullThatIsNamed(string which)
    {
        Pull();
        string blob = Blob(which);
        byte[] content = File.ReadAllBytes(blob);
        content[^1] ^= 1;
        File.WriteAllBytes(blob, content);
        string found = _daemon.Tare("system check").Exits(1).Stdout;
        Assert.Contains(blob, found, StringComparison.Ordinal);
        Assert.Contains(Image, found, StringComparison.Ordinal);
        AssertAPullMakesItWhole();
    }

    [Fact]
    public void ALayerThatIsLostWithItsBlobComesBackByThePullThatIsNamed()
    {
        Pull();
        File.Delete(Blob("layer"));
        Directory.Delete(Layer("second"), recursive: true);
        _daemon.Tare("system check --repair").Exits(1);
        Assert.DoesNotContain("team/tool", _daemon.Tare("images").Ok().Stdout, StringComparison.Ordinal);
        AssertAPullMakesItWhole();
    }

    [Fact]
    public void AnImageThatCannotBeUsedCanBeGivenUp()
    {
        Pull();
        string id = _daemon.Tare(["inspect", "-f", "{{.Id}}", Image]).Ok().Text["sha256:".Length..][..12];
        File.Delete(Blob("layer"));
        Directory.Delete(Path.GetDirectoryName(Layer("second"))!, recursive: true);
        Assert.Contains($"or give it up: tare rmi {id}", _daemon.Tare("system check --repair").Exits(1).Stdout, StringComparison.Ordinal);
        _daemon.Tare($"rmi {id}").Ok();
        AssertClean();
        Assert.Equal("ok", _daemon.Tare("run --rm busybox echo ok").Ok().Text);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ABlobThatAPushCompressedIsMadeAgain(bool isMissing)
    {
        _daemon.Tare("run --name writer busybox sh -c".Split(' ').Append("echo word > /word")).Ok();
        string name = $"{_registry.Host}/team/made:v1";
        _daemon.Tare($"commit writer {name}").Ok();
        _daemon.Tare("rm writer").Ok();
        _daemon.Tare($"push {name}").Ok();
        using JsonDocument manifest = JsonDocument.Parse(_registry.Manifest("team/made", "v1"));
        string blob = $"{_daemon.DataRoot}/content/sha256/{manifest.RootElement.GetProperty("layers")[1].GetProperty("digest").GetString()!["sha256:".Length..]}";
        byte[] before = File.ReadAllBytes(blob);
        File.Delete(blob);
        if (!isMissing)
        {
            File.WriteAllText(blob, "damaged");
        }

        string found = _daemon.Tare("system check").Exits(1).Stdout;
        Assert.Contains("--repair makes it again", found, StringComparison.Ordinal);
        Assert.DoesNotContain("layer sha256", found.Replace("and layer sha256", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("repaired: made again", _daemon.Tare("system check --repair").Ok().Stdout, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(blob));
        AssertClean();
        Assert.Equal("word", _daemon.Tare($"run --rm {name} cat /word").Ok().Text);
    }

    [Fact]
    public void LayersThatAnotherImageHasStayWhenOneIsDropped()
    {
        _daemon.Tare("run --name writer busybox sh -c".Split(' ').Append("echo word > /word")).Ok();
        _daemon.Tare("commit writer local:1").Ok();
        _daemon.Tare("rm writer").Ok();
        File.WriteAllText(Layer("word") + "/word", "changed by a stranger");
        Assert.Contains("load or build local:1 again", _daemon.Tare("system check").Exits(1).Stdout, StringComparison.Ordinal);
        _daemon.Tare("system check --repair").Ok();
        Assert.Equal("busybox:latest", _daemon.Tare(["images", "--format", "{{.Repository}}:{{.Tag}}"]).Ok().Text);
        Assert.Equal("ok", _daemon.Tare("run --rm busybox echo ok").Ok().Text);
        AssertClean();
    }

    [Fact]
    public void AManifestThatNoPullBringsIsForgotten()
    {
        Pull();
        string pinned = $"{_registry.Host}/team/tool@{ImageBlobs.DigestOf(_registry.Manifest("team/tool", "v1"))}";
        _daemon.Tare($"tag {Image} local:1").Ok();
        _daemon.Tare($"rmi {pinned} {Image}").Ok();
        File.Delete(Blob("manifest"));
        Assert.Contains("its manifest", _daemon.Tare("system check").Exits(1).Stdout, StringComparison.Ordinal);
        Assert.Contains("the manifest was forgotten", _daemon.Tare("system check --repair").Ok().Stdout, StringComparison.Ordinal);
        AssertClean();
        Assert.Equal("two", _daemon.Tare("run --rm local:1 cat /second").Ok().Text);
        _daemon.Tare($"tag local:1 {_registry.Host}/team/again:v1").Ok();
        _daemon.Tare($"push {_registry.Host}/team/again:v1").Ok();
        AssertClean();
    }

    [Fact]
    public void AnImageThatRunsIsKeptThoughItsBlobIsLost()
    {
        Pull();
        _daemon.Tare($"tag {Image} local:1").Ok();
        _daemon.Tare($"rmi {_registry.Host}/team/tool@{ImageBlobs.DigestOf(_registry.Manifest("team/tool", "v1"))} {Image}").Ok();
        File.Delete(Blob("layer"));
        Assert.Contains("it runs, and can neither be pushed nor saved", _daemon.Tare("system check --repair").Exits(1).Stdout, StringComparison.Ordinal);
        Assert.Equal("two", _daemon.Tare("run --rm local:1 cat /second").Ok().Text);
        _daemon.Tare("rmi local:1").Ok();
        AssertClean();
    }

    [Theory]
    [InlineData("config")]
    [InlineData("layer")]
    public void ADamagedOrMissingBlobDoesNotKeepTheDaemonFromStarting(string which)
    {
        Pull();
        string blob = Blob(which);
        if (which == "config")
        {
            File.WriteAllText(blob, "{}");
        }
        else
        {
            File.Delete(blob);
        }

        _daemon.KillDaemon();
        _daemon.StartDaemon();
        Assert.Equal("ok", _daemon.Tare("run --rm busybox echo ok").Ok().Text);
        _daemon.Tare("system check").Exits(1);
        AssertAPullMakesItWhole();
    }

    [Fact]
    public void TheTreeOfAnImportThatWasChangedCannotBeMadeWhole()
    {
        string tree = Directory.GetDirectories(Path.Combine(_daemon.DataRoot, "layers")).Select(folder => folder + "/diff").Single(tree => File.Exists(tree + "/etc/passwd"));
        File.WriteAllText(tree + "/etc/passwd", "hello");
        string found = _daemon.Tare("system check").Exits(1).Stdout;
        Assert.Contains("busybox:latest", found, StringComparison.Ordinal);
        _daemon.Tare("system check --repair").Ok();
        Assert.Equal("", _daemon.Tare("images -q").Ok().Text);
        AssertClean();
    }

    [Fact]
    public void WhatBelongsToNothingIsRemoved()
    {
        Pull();
        byte[] orphan = Encoding.UTF8.GetBytes("orphan");
        string[] strays =
        [
            $"{_daemon.DataRoot}/content/sha256/{Convert.ToHexStringLower(SHA256.HashData(orphan))}",
            $"{_daemon.DataRoot}/content/sha256/no-digest",
            $"{_daemon.DataRoot}/content/ingest/half",
            $"{_daemon.DataRoot}/layers/.staging/half",
            $"{_daemon.DataRoot}/layers/{new string('a', 64)}",
            $"{_daemon.DataRoot}/containers/{new string('b', 64)}",
        ];
        Array.ForEach(strays[..3], path => File.WriteAllBytes(path, orphan));
        Array.ForEach(strays[3..], path => Directory.CreateDirectory(path + "/diff"));
        string found = _daemon.Tare("system check").Exits(1).Stdout;
        Assert.All(strays, path => Assert.Contains(path, found, StringComparison.Ordinal));
        Assert.All(strays, path => Assert.True(Path.Exists(path)));
        _daemon.Tare("system check --repair").Ok();
        Assert.All(strays, path => Assert.False(Path.Exists(path), path + " is still there"));
        AssertClean();
    }

    [Fact]
    public void ContainersWithoutFoldersAndLayers()
    {
        Pull();
        string id = _daemon.Tare($"create --name lost {Image} true").Ok().Text;
        Directory.Delete($"{_daemon.DataRoot}/containers/{id}/work", recursive: true);
        Assert.Contains("container lost: its folder is missing", _daemon.Tare("system check").Exits(1).Stdout, StringComparison.Ordinal);
        _daemon.Tare("system check --repair").Ok();
        AssertClean();

        File.Delete(Blob("layer"));
        Directory.Delete(Path.GetDirectoryName(Layer("second"))!, recursive: true);
        string found = _daemon.Tare("system check --repair").Exits(1).Stdout;
        Assert.Contains("container lost: layer", found, StringComparison.Ordinal);
        Assert.Contains("tare rm lost", found, StringComparison.Ordinal);
        AssertAPullMakesItWhole();
        _daemon.Tare("start -a lost").Ok();
        _daemon.Tare("rm lost").Ok();
    }

    [Fact]
    public async Task PullsAndRunsGoOnDuringACheck()
    {
        for (int i = 0; i < 4; i++)
        {
            _registry.Push("team/many", $"v{i}", new ImageBlobs().Layer(BusyboxRoot.Tar).Layer(PullTests.TarOf(("n", i.ToString(System.Globalization.CultureInfo.InvariantCulture)))).Finish("amd64", "cat", "/n"));
        }

        using CancellationTokenSource stop = new();
        Task<int> checks = Task.Run(() =>
        {
            int count = 0;
            for (; !stop.IsCancellationRequested; count++)
            {
                _daemon.Tare("system check --repair").Ok();
            }

            return count;
        });
        for (int round = 0; round < 3; round++)
        {
            for (int i = 0; i < 4; i++)
            {
                Assert.Equal($"{i}", _daemon.Tare($"run --rm {_registry.Host}/team/many:v{i}").Ok().Text);
            }

            _daemon.Tare(["rmi", .. Enumerable.Range(0, 4).Select(i => $"{_registry.Host}/team/many:v{i}")]).Ok();
        }

        await stop.CancelAsync();
        Assert.True(await checks > 0);
        AssertClean();
    }

    // The command stands in the finding as it is to be typed. What it does not bring is not asked for again.
    private void AssertAPullMakesItWhole()
    {
        string found = _daemon.Tare("system check --repair").Exits(1).Stdout;
        string command = $"pull {_registry.Host}/team/tool@{ImageBlobs.DigestOf(_registry.Manifest("team/tool", "v1"))}";
        Assert.Contains($"to do: tare {command}", found, StringComparison.Ordinal);
        _daemon.Tare(command).Ok();
        AssertClean();
        Assert.Contains("team/tool", _daemon.Tare("images").Ok().Stdout, StringComparison.Ordinal);
        Assert.Equal("two", _daemon.Tare($"run --rm {Image} cat /second").Ok().Text);
    }

    private void AssertClean() => Assert.Contains("no damage", _daemon.Tare("system check").Ok().Stdout, StringComparison.Ordinal);

    private void Pull()
    {
        _registry.Push("team/tool", "v1", new ImageBlobs().Layer(BusyboxRoot.Tar).Layer(PullTests.TarOf(("second", "two"))).Finish("amd64", "true"));
        _daemon.Tare($"pull {Image}").Ok();
    }

    private string Layer(string file)
        => Directory.GetDirectories(Path.Combine(_daemon.DataRoot, "layers")).Select(folder => folder + "/diff").Single(tree => File.Exists($"{tree}/{file}"));

    private string Blob(string which)
    {
        byte[] manifest = _registry.Manifest("team/tool", "v1");
        using JsonDocument document = JsonDocument.Parse(manifest);
        string digest = which switch
        {
            "config" => document.RootElement.GetProperty("config").GetProperty("digest").GetString()!,
            "layer" => document.RootElement.GetProperty("layers")[1].GetProperty("digest").GetString()!,
            _ => ImageBlobs.DigestOf(manifest),
        };
        return $"{_daemon.DataRoot}/content/sha256/{digest["sha256:".Length..]}";
    }
}
