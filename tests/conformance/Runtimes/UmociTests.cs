using System.Formats.Tar;
using System.Text.Json.Nodes;

namespace Tare.ConformanceTests.Runtimes;

/// <summary>
/// Layers made at random, applied by tared and by umoci, and trees that were changed, made to layers by both: what one makes the other applies, and all trees are the same to the
/// last bit of metadata. The trees are compared by find(1) and sha256sum(1).
/// </summary>
public sealed class UmociTests(UmociFixture fixture) : IClassFixture<UmociFixture>
{
    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(14)]
    [InlineData(15)]
    [InlineData(16)]
    public void BothApplyTheSame(int seed)
    {
        RandomTree tree = new(seed);
        string[] compressions = ["gzip", "zstd", ""];
        ImageBlobs image = new ImageBlobs().Layer(tree.Archive(), compressions[seed % 3]).Layer(tree.Layer(), compressions[(seed + 1) % 3]).Finish("amd64", "true");
        string layout = WriteLayout($"apply{seed}", image);
        string umoci = Unpack(layout, $"{fixture.Peers.Folder}/bundle{seed}");
        string tare = Export(Load(layout, seed), $"{fixture.Peers.Folder}/tare{seed}");
        AssertSame(Look(umoci, withDirectoryTimes: true), Look(tare, withDirectoryTimes: true));
    }

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    [InlineData(23)]
    [InlineData(24)]
    [InlineData(25)]
    [InlineData(26)]
    public void EachAppliesWhatTheOtherMakes(int seed)
    {
        // Overlayfs gives a file that is changed a life apart from its other names; in umoci's plain tree they stay one.
        RandomTree tree = new(seed, hardLinks: false);
        byte[] archive = tree.Archive();
        string script = tree.Changes();
        string layout = WriteLayout($"diff{seed}", new ImageBlobs().Layer(archive).Finish("amd64", "true"));
        string name = Load(layout, seed);

        // Changed in umoci's bundle, made to a layer by umoci.
        string bundle = $"{fixture.Peers.Folder}/changed{seed}";
        string changed = Unpack(layout, bundle);
        fixture.Peers.Run(["chroot", changed, "/bin/sh", "-c", $"PATH=/bin; mkdir dev; mknod -m 666 dev/null c 1 3; {script}rm -r dev"]).Ok();
        fixture.Peers.Run(["umoci", "repack", "--image", $"{layout}:made", bundle]).Ok();

        // Changed in a container, made to a layer by tared.
        fixture.Tare.Tare(["run", "--name", $"changes{seed}", "--net", "none", name, "sh", "-c", script]).Ok();
        fixture.Tare.Tare($"commit changes{seed} committed{seed}:1").Ok();
        string saved = $"{fixture.Peers.Folder}/saved{seed}";
        Directory.CreateDirectory(saved);
        fixture.Tare.Tare($"save -o {saved}.tar committed{seed}:1").Ok();
        Command.Run("/bin/tar", ["-C", saved, "-xf", saved + ".tar"]).Ok();

        List<string> wanted = Look(changed, withDirectoryTimes: false);
        AssertSame(wanted, Look(Export($"committed{seed}:1", $"{fixture.Peers.Folder}/committed{seed}"), withDirectoryTimes: false));
        AssertSame(wanted, Look(Unpack(saved, $"{fixture.Peers.Folder}/umoci-of-tare{seed}", "1"), withDirectoryTimes: false));
        AssertSame(wanted, Look(Export(Load(layout, seed, "made"), $"{fixture.Peers.Folder}/tare-of-umoci{seed}"), withDirectoryTimes: false));
        fixture.Tare.Tare($"rm changes{seed}").Ok();
    }

    private static void AssertSame(List<string> expected, List<string> actual)
        => Assert.True(expected.SequenceEqual(actual), $"only by umoci:\n{string.Join('\n', expected.Except(actual))}\nonly by tare:\n{string.Join('\n', actual.Except(expected))}");

    private static List<string> Look(string root, bool withDirectoryTimes)
    {
        string directory = withDirectoryTimes ? "%T@" : "";
        string script = $"cd '{root}' && find tree -type d -printf '%P|%y|%m|%U:%G|{directory}\\n' -o -type l -printf '%P|%y|%U:%G|%T@|%l\\n' -o -printf '%P|%y|%m|%U:%G|%s|%T@|%n\\n'"
            + " && find tree -type f -exec sha256sum {} + && find tree -type c -exec stat -c '%n %t:%T' {} +";
        return [.. Command.Run("/bin/sh", ["-c", script]).Ok().Stdout.Split('\n').Order(StringComparer.Ordinal)];
    }

    private string WriteLayout(string name, ImageBlobs image)
    {
        string folder = $"{fixture.Peers.Folder}/{name}";
        Directory.CreateDirectory(folder + "/blobs/sha256");
        foreach ((string digest, byte[] blob) in image.Blobs.Append(new(ImageBlobs.DigestOf(image.Manifest), image.Manifest)))
        {
            File.WriteAllBytes($"{folder}/blobs/{digest.Replace(':', '/')}", blob);
        }

        File.WriteAllText(folder + "/oci-layout", """{"imageLayoutVersion":"1.0.0"}""");
        JsonObject entry = new()
        {
            ["mediaType"] = ImageBlobs.OciManifest,
            ["digest"] = ImageBlobs.DigestOf(image.Manifest),
            ["size"] = image.Manifest.Length,
            ["annotations"] = new JsonObject { ["org.opencontainers.image.ref.name"] = "first" },
        };
        File.WriteAllText(folder + "/index.json", new JsonObject { ["schemaVersion"] = 2, ["manifests"] = new JsonArray(entry) }.ToJsonString());
        return folder;
    }

    private string Unpack(string layout, string bundle, string tag = "first")
    {
        fixture.Peers.Run(["umoci", "unpack", "--image", $"{layout}:{tag}", bundle]).Ok();
        return bundle + "/rootfs";
    }

    /// <summary>Loads one image of a layout.</summary>
    /// <returns>Its id.</returns>
    private string Load(string layout, int seed, string tag = "first")
    {
        string one = $"{layout}-{tag}";
        Command.Run("/bin/cp", ["-r", layout, one]).Ok();
        JsonNode index = JsonNode.Parse(File.ReadAllText(one + "/index.json"))!;
        JsonNode chosen = index["manifests"]!.AsArray().Single(entry => (string?)entry!["annotations"]?["org.opencontainers.image.ref.name"] == tag)!.DeepClone();
        File.WriteAllText(one + "/index.json", new JsonObject { ["schemaVersion"] = 2, ["manifests"] = new JsonArray(chosen) }.ToJsonString());
        TarFile.CreateFromDirectory(one, $"{one}.tar", includeBaseDirectory: false);
        string line = fixture.Tare.Tare($"load -i {one}.tar").Ok().Text.Split('\n')[^1];
        Assert.StartsWith("Loaded image", line, StringComparison.Ordinal);
        string name = $"{tag}-{seed}:1";
        fixture.Tare.Tare($"tag {line[(line.IndexOf(": ", StringComparison.Ordinal) + 2)..]} {name}").Ok();
        return name;
    }

    // GNU tar unpacks what tared exports: neither program's own reader is trusted here.
    private string Export(string image, string folder)
    {
        Directory.CreateDirectory(folder);
        string id = fixture.Tare.Tare($"create --net none {image}").Ok().Text;
        fixture.Tare.Tare($"export -o {folder}.tar {id}").Ok();
        Command.Run("/bin/tar", ["-C", folder, "-xpf", folder + ".tar", "--numeric-owner"]).Ok();
        fixture.Tare.Tare($"rm {id}").Ok();
        return folder;
    }
}
