using System.Text.Json.Nodes;

namespace Tare.IntegrationTests.Runtime;

/// <summary>Mounts of a configuration: options, places.</summary>
public sealed class RuntimeMountTests : BundleTests
{
    [Theory]
    [InlineData("tmpfs", "ro,nosuid,nodev,noexec", "ro,nosuid,nodev,noexec,relatime")]
    [InlineData("tmpfs", "noatime,nodiratime", "rw,noatime,nodiratime")]
    [InlineData("tmpfs", "strictatime", "rw")]
    [InlineData("tmpfs", "noatime,norelatime,nostrictatime,atime", "rw,relatime")]
    [InlineData("tmpfs", "nosymfollow", "rw,relatime,nosymfollow")]
    [InlineData("tmpfs", "ro,rw,nosuid,suid,nodev,dev,noexec,exec,nosymfollow,symfollow,nodiratime,diratime", "rw,relatime")]
    [InlineData("tmpfs", "defaults,async,loud,silent,iversion,noiversion,nolazytime,nomand", "rw,relatime")]
    [InlineData("tmpfs", "sync,dirsync,lazytime", "rw,relatime rw,sync,dirsync,lazytime")]
    [InlineData("tmpfs", "rro,rnosuid,rnodev,rnoexec,rnoatime,rnodiratime", "ro,nosuid,nodev,noexec,noatime,nodiratime")]
    [InlineData("tmpfs", "ro,rrw,nosuid,rsuid,nodev,rdev,noexec,rexec,noatime,ratime", "rw,relatime")]
    [InlineData("bind", "rbind,ro,rnosymfollow", "ro,relatime,nosymfollow")]
    [InlineData("bind", "rbind,noatime,nosuid", "rw,nosuid,noatime")]
    [InlineData("bind", "bind,rrelatime,rstrictatime,rnostrictatime,rnorelatime,rdiratime,rsymfollow", "rw,relatime")]
    public void OptionsHaveTheirEffect(string type, string options, string expected)
    {
        Directory.CreateDirectory(Bundle.Folder + "/source");
        Add("/data", type, type == "bind" ? "source" : "tmpfs", options.Split(','));
        string[] line = Bundle.Sh("grep ' /data ' /proc/self/mountinfo").Run().Ok().Text.Split(' ');
        string text = expected.Contains(' ', StringComparison.Ordinal) ? $"{line[5]} {line[^1]}" : line[5];
        Assert.StartsWith(expected, text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("private", "")]
    [InlineData("rprivate", "")]
    [InlineData("shared", "shared:")]
    [InlineData("rslave", "")]
    [InlineData("unbindable", "unbindable")]
    [InlineData("runbindable", "unbindable")]
    public void PropagationIsSet(string option, string expected)
    {
        Add("/data", "tmpfs", "tmpfs", option);
        Assert.Contains(expected, Bundle.Sh("grep ' /data ' /proc/self/mountinfo").Run().Ok().Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ro,nosuid,noatime", "ro,nosuid,noatime")]
    [InlineData("nodev,sync", "rw,nodev,relatime")]
    public void AnOverlaysOptionsMayBeLongerThanOneValue(string options, string expected)
    {
        List<string> layers = [];
        for (int i = 0; i < 20; i++)
        {
            string layer = $"{Bundle.Folder}/a-layer-with-a-name-of-some-length-{i}";
            Directory.CreateDirectory(layer);
            File.WriteAllText($"{layer}/{i}", "");
            layers.Add(layer);
        }

        Add("/data", "overlay", "overlay", ["lowerdir=" + string.Join(':', layers), .. options.Split(',')]);
        string[] lines = Bundle.Sh("grep ' /data ' /proc/self/mountinfo | cut -d' ' -f6; ls /data | wc -l; pwd").Run().Ok().Text.Split('\n');
        Assert.Equal([expected, "20", "/"], lines);
    }

    [Theory]
    [InlineData("rshared", "inside")]
    [InlineData("rslave", "")]
    [InlineData("rprivate", "")]
    public void MountsReachTheHostThroughSharedBindsOfASharedRootAlone(string propagation, string expected)
    {
        string shared = Bundle.Folder + "/shared";
        Directory.CreateDirectory(shared);
        Command.Run("/bin/mount", ["-t", "tmpfs", "tmpfs", shared]).Ok();
        try
        {
            Command.Run("/bin/mount", ["--make-shared", shared]).Ok();
            Directory.CreateDirectory(shared + "/below");
            Bundle.Edit(config => config["process"]!["capabilities"] = JsonNode.Parse("""{"bounding":["CAP_SYS_ADMIN"],"permitted":["CAP_SYS_ADMIN"],"effective":["CAP_SYS_ADMIN"]}"""));
            Bundle.Edit(config => config["linux"]!["rootfsPropagation"] = "shared");
            Add("/data", "bind", shared, "rbind", propagation);
            Bundle.Sh("mount -t tmpfs t /data/below && echo inside > /data/below/seen").Run().Ok();
            Assert.Equal(expected, File.Exists(shared + "/below/seen") ? File.ReadAllText(shared + "/below/seen").Trim() : "");
        }
        finally
        {
            Command.Run("/bin/umount", ["-R", shared]).Ok();
        }
    }

    [Fact]
    public void ARelativeDestinationStartsAtTheRoot()
    {
        Add("data/below", "tmpfs", "tmpfs");
        Assert.Equal("/data/below", Bundle.Sh("grep /data/below /proc/mounts | cut -d' ' -f2").Run().Ok().Text);
    }

    [Fact]
    public void ARemountChangesWhatIsThere()
    {
        Add("/data", "tmpfs", "tmpfs", "nosuid");
        Add("/data", "none", null, "bind", "remount", "ro");
        Assert.StartsWith("ro,nosuid,", Bundle.Sh("grep ' /data ' /proc/self/mountinfo | cut -d' ' -f6").Run().Ok().Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rw")]
    [InlineData("ro")]
    public void ATmpfsTakesWhatTheImageHas(string option)
    {
        string data = Bundle.Folder + "/rootfs/data";
        Directory.CreateDirectory(data + "/a/b/c");
        byte[] content = new byte[100_000];
        Random.Shared.NextBytes(content);
        File.WriteAllBytes(data + "/a/b/c/file", content);
        Command.Run("/bin/sh", ["-c", $"cd {data}; ln -s nowhere link; mkfifo fifo; mknod null c 1 3; mkdir many; for i in $(seq 200); do : > many/a-name-of-some-length-$i; done; chown -h 5:6 a a/b/c/file link; chmod 2751 a"]).Ok();
        Add("/data", "tmpfs", "tmpfs", "tmpcopyup", option);
        string[] lines = Bundle.Sh("cd /data; sha256sum a/b/c/file | cut -d' ' -f1; stat -c '%n %F %a %u:%g' a a/b/c/file link fifo null; readlink link; ls many | wc -l; touch new 2>/dev/null && echo written").Run().Stdout.Split('\n');
        string hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content));
        Assert.Equal(
            [hash, "a directory 2751 5:6", "a/b/c/file regular file 644 5:6", "link symbolic link 777 5:6", "fifo fifo 644 0:0", "null character special file 644 0:0", "nowhere", "200", option == "rw" ? "written" : ""],
            lines[..9]);
        Assert.False(File.Exists(data + "/new"));
    }

    [Theory]
    [InlineData("/covered", "rw", "700")]
    [InlineData("/covered", "ro", "700")]
    [InlineData("/covered", "mode=2711", "2711")]
    [InlineData("/new", "rw", "1777")]
    public void ATmpfsHasTheModeOfWhatItCovers(string destination, string option, string mode)
    {
        Directory.CreateDirectory(Bundle.Folder + "/rootfs/covered", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Add(destination, "tmpfs", "tmpfs", option);
        Assert.Equal(mode, Bundle.Sh($"stat -c %a {destination}").Run().Ok().Text);
    }

    [Theory]
    [InlineData("/tmp", "bind", "/usr", "bind,luck", "a bind mount cannot have the file system's option \\\"luck\\\"")]
    [InlineData("/proc", "tmpfs", "tmpfs", "", "only proc may be mounted there")]
    [InlineData("/proc", "bind", "/usr", "bind", "only proc may be mounted there")]
    [InlineData("/.", "tmpfs", "tmpfs", "", "it would hide the container's root")]
    public void WhatMustNotBeMountedIsNamed(string destination, string type, string source, string options, string message)
    {
        CommandResult result = Bundle.Args("true").Edit(config => config["mounts"]!.AsArray().Add(new JsonObject
        {
            ["destination"] = destination,
            ["type"] = type,
            ["source"] = source,
            ["options"] = new JsonArray([.. options.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(option => (JsonNode)option)]),
        })).Run().Exits(1);
        Assert.Contains(message, result.Stderr, StringComparison.Ordinal);
    }

    [Fact]
    public void AnOptionThatTheFileSystemDoesNotKnowIsNamed()
    {
        CommandResult result = Add("/data", "tmpfs", "tmpfs", "nonsense=1").Run();
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("fsconfig \\\"tmpfs\\\" at \\\"/data\\\": nonsense=1: EINVAL", result.Stderr, StringComparison.Ordinal);
    }

    private Bundle Add(string destination, string type, string? source, params string[] options) => Bundle.Edit(config => config["mounts"]!.AsArray().Add(new JsonObject
    {
        ["destination"] = destination,
        ["type"] = type,
        ["source"] = source,
        ["options"] = new JsonArray([.. options.Select(option => (JsonNode)option)]),
    }));
}
