namespace Tare.Testing.Suites;

/// <summary>Images as archives: save and load.</summary>
public abstract class SaveLoadSuite(DaemonFixture daemon, string client) : ClientSuite(daemon, client)
{
    private readonly string _folder = Directory.CreateDirectory(Path.Combine(daemon.Root, "archives-" + Guid.NewGuid().ToString("N"))).FullName;

    [Fact]
    public void SavedImagesComeBackAsTheyWere()
    {
        string image = MakeImage();
        string id = IdOf(image);
        string file = Save(image);
        Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(Save(image))); // the same image, the same archive
        Client($"rmi {image}").Ok();
        Assert.Equal($"Loaded image: {image}\n", Client($"load -i {file}").Ok().Stdout);
        Assert.Equal(id, IdOf(image));
        Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(Save(image)));
        Assert.Equal("one", Client($"run --rm {image} cat /tmp/one").Ok().Text);
        Client($"rmi {image}").Ok();
    }

    [Fact]
    public void TheArchiveIsAnOciLayoutToo()
    {
        string image = MakeImage();
        string file = Save(image, "busybox");
        string unpacked = Directory.CreateDirectory(Path.Combine(_folder, "layout")).FullName;
        Command.Run("/bin/tar", ["-C", unpacked, "-xf", file]).Ok();
        foreach (string blob in Directory.GetFiles(unpacked + "/blobs/sha256"))
        {
            Assert.Equal(Path.GetFileName(blob), Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(blob))));
        }

        Assert.Contains("org.opencontainers.image.ref.name", File.ReadAllText(unpacked + "/index.json"), StringComparison.Ordinal);
        File.Delete(unpacked + "/manifest.json");
        File.Delete(unpacked + "/repositories");
        string layout = Path.Combine(_folder, "layout.tar");
        Command.Run("/bin/tar", ["-C", unpacked, "-cf", layout, "oci-layout", "index.json", "blobs"]).Ok();
        string id = IdOf(image);
        Client($"rmi {image}").Ok();
        Assert.Contains($"Loaded image: {image}\n", Client($"load -i {layout}").Ok().Stdout, StringComparison.Ordinal);
        Assert.Equal(id, IdOf(image));
        Client($"rmi {image}").Ok();
    }

    [Fact]
    public void CompressedLayersOfAnOciLayoutAreKept()
    {
        string image = MakeImage();
        string unpacked = Directory.CreateDirectory(Path.Combine(_folder, "compressed")).FullName;
        Command.Run("/bin/tar", ["-C", unpacked, "-xf", Save(image)]).Ok();
        string config = IdOf(image);
        string[] layers = Client(["inspect", "-f", "{{join .RootFS.Layers \" \"}}", image]).Ok().Text.Split(' ');
        List<string> descriptors = [];
        foreach (string layer in layers)
        {
            byte[] plain = File.ReadAllBytes(BlobOf(unpacked, layer));
            using MemoryStream compressed = new();
            using (System.IO.Compression.GZipStream gzip = new(compressed, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
            {
                gzip.Write(plain);
            }

            File.Delete(BlobOf(unpacked, layer));
            descriptors.Add(Blob(unpacked, compressed.ToArray(), "application/vnd.oci.image.layer.v1.tar+gzip"));
        }

        string configuration = Blob(unpacked, File.ReadAllBytes(BlobOf(unpacked, config)), "application/vnd.oci.image.config.v1+json");
        string manifest = Blob(
            unpacked,
            System.Text.Encoding.UTF8.GetBytes($"{{\"schemaVersion\":2,\"config\":{configuration},\"layers\":[{string.Join(',', descriptors)}]}}"),
            "application/vnd.oci.image.manifest.v1+json");
        string annotated = manifest[..^1] + $",\"annotations\":{{\"org.opencontainers.image.ref.name\":\"{image}\"}}}}";
        File.WriteAllText(unpacked + "/index.json", $"{{\"schemaVersion\":2,\"manifests\":[{annotated}]}}");
        File.Delete(unpacked + "/manifest.json");
        File.Delete(unpacked + "/repositories");
        Command.Run("/bin/tar", ["-C", unpacked, "-cf", unpacked + ".tar", "."]).Ok();
        Client($"rmi {image}").Ok();
        Assert.Equal($"Loaded image: {image}\n", Client($"load -i {unpacked}.tar").Ok().Stdout);
        Assert.Equal(config, IdOf(image));
        Assert.Equal("one", Client($"run --rm {image} cat /tmp/one").Ok().Text);
        // Saved again, the layers are what they were before they were compressed.
        Assert.Contains(layers[1]["sha256:".Length..], Command.Run("/bin/tar", ["-tf", Save(image)]).Ok().Stdout, StringComparison.Ordinal);
        string[] before = Everything();
        Client($"rmi {image}").Ok();
        Assert.True(Everything().Length < before.Length);
    }

    private static string BlobOf(string layout, string digest) => $"{layout}/blobs/sha256/{digest["sha256:".Length..]}";

    // Writes a blob, and returns its descriptor.
    private static string Blob(string layout, byte[] content, string mediaType)
    {
        string digest = "sha256:" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content));
        File.WriteAllBytes(BlobOf(layout, digest), content);
        return $"{{\"mediaType\":\"{mediaType}\",\"digest\":\"{digest}\",\"size\":{content.Length}}}";
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("xz")]
    [InlineData("bzip2")]
    public void CompressedArchivesFromStdin(string program)
    {
        string image = MakeImage();
        string id = IdOf(image);
        string file = Save(image);
        Client($"rmi {image}").Ok();
        Command.Run("/bin/sh", ["-c", $"{program} -c {file} > {file}.compressed"]).Ok();
        Assert.Contains($"Loaded image: {image}\n", Client(["load"], File.ReadAllBytes(file + ".compressed")).Ok().Stdout, StringComparison.Ordinal);
        Assert.Equal(id, IdOf(image));
        Client($"rmi {image}").Ok();
    }

    [Fact]
    public void ArchivesFromBeforeDocker25()
    {
        // A folder for each layer; the second image shares the first one's by a link.
        string image = MakeImage();
        string unpacked = Directory.CreateDirectory(Path.Combine(_folder, "old")).FullName;
        Command.Run("/bin/tar", ["-C", unpacked, "-xf", Save(image)]).Ok();
        string[] layers = Client(["inspect", "-f", "{{join .RootFS.Layers \" \"}}", image]).Ok().Text.Replace("sha256:", "", StringComparison.Ordinal).Split(' ');
        string config = IdOf(image)["sha256:".Length..];
        string old = Directory.CreateDirectory(Path.Combine(_folder, "old2")).FullName;
        foreach (string layer in layers)
        {
            Directory.CreateDirectory($"{old}/{layer}");
            File.Move($"{unpacked}/blobs/sha256/{layer}", $"{old}/{layer}/layer.tar");
            File.WriteAllText($"{old}/{layer}/VERSION", "1.0");
            File.WriteAllText($"{old}/{layer}/json", "{\"id\":\"x\"}");
        }

        Directory.CreateDirectory(old + "/again");
        File.CreateSymbolicLink(old + "/again/layer.tar", $"../{layers[0]}/layer.tar");
        File.Move($"{unpacked}/blobs/sha256/{config}", $"{old}/{config}.json");
        File.WriteAllText(
            old + "/manifest.json",
            $"[{{\"Config\":\"{config}.json\",\"RepoTags\":[\"{image}\"],\"Layers\":[\"again/layer.tar\",\"{layers[1]}/layer.tar\"]}}]");
        Command.Run("/bin/tar", ["-C", old, "-cf", old + ".tar", "."]).Ok();
        Client($"rmi {image}").Ok();
        Assert.Equal($"Loaded image: {image}\n", Client($"load -i {old}.tar").Ok().Stdout);
        Assert.Equal("sha256:" + config, IdOf(image));
        Client($"rmi {image}").Ok();
    }

    [Fact]
    public void DamagedArchivesLeaveNothing()
    {
        string image = MakeImage();
        byte[] archive = File.ReadAllBytes(Save(image));
        Client($"rmi {image}").Ok();
        // The files of the layers that were removed go in the background.
        Eventually.True(() => !Array.Exists(Everything(), static path => path.Contains("/.staging/", StringComparison.Ordinal)), "removed layers stay");
        string[] before = Everything();
        Refuse(archive[..(archive.Length / 2)]);
        Refuse(archive[..300]);
        Refuse("rubbish"u8.ToArray());
        Refuse([]);
        Refuse([0x1F, 0x8B, .. new byte[100]]);
        // One byte of a file in a layer: the layer is whole and another one.
        byte[] changed = [.. archive];
        int at = archive.AsSpan().IndexOf("one\n\0"u8);
        Assert.True(at > 0);
        changed[at] = (byte)'0';
        Assert.Contains("invalid diffID for layer", Refuse(changed), StringComparison.Ordinal);
        Assert.Equal(before, Everything());
    }

    [Fact]
    public void ErrorsOfSave()
    {
        string file = Path.Combine(_folder, "none.tar");
        Assert.Contains("No such image: missing", Client($"save -o {file} missing").Exits(1).Stderr, StringComparison.Ordinal);
        Assert.False(File.Exists(file));
        Assert.Contains($"failed to save image: invalid output path: stat {_folder}/nope: no such file or directory", Client($"save -o {_folder}/nope/x.tar busybox").Exits(1).Stderr, StringComparison.Ordinal);
        Assert.Contains("failed to save image: cannot write to a directory", Client($"save -o {_folder} busybox").Exits(1).Stderr, StringComparison.Ordinal);
        Assert.Contains("no suitable export target found for platform linux/s390x", Client($"save --platform linux/s390x -o {file} busybox").Exits(1).Stderr, StringComparison.Ordinal);
        Assert.Contains("No such file or directory", Client($"load -i {_folder}/missing.tar").Exits(1).Stderr, StringComparison.OrdinalIgnoreCase);
    }

    private string Refuse(byte[] archive)
    {
        CommandResult result = Client(["load"], archive);
        Assert.Equal(1, result.ExitCode);
        return result.Stderr;
    }

    private string[] Everything() =>
    [
        .. Directory.EnumerateFileSystemEntries(Path.Combine(Daemon.DataRoot, "content"), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal),
        .. Directory.EnumerateFileSystemEntries(Path.Combine(Daemon.DataRoot, "layers")).Order(StringComparer.Ordinal),
        .. Directory.EnumerateFileSystemEntries(Path.Combine(Daemon.DataRoot, "layers", ".staging")),
    ];

    // Two layers, the second with a deletion.
    private string MakeImage()
    {
        string image = $"made{Guid.NewGuid():N}:1";
        string name = NewName();
        Client(["run", "--name", name, "busybox", "sh", "-c", "echo one >/tmp/one; rm /etc/group; rm -r /home; mkdir /home"]).Ok();
        Client($"commit {name} {image}").Ok();
        Client($"rm {name}").Ok();
        return image;
    }

    private string IdOf(string image) => Client(["inspect", "-f", "{{.Id}}", image]).Ok().Text;

    private string Save(params string[] images)
    {
        string file = Path.Combine(_folder, Guid.NewGuid().ToString("N") + ".tar");
        Client(["save", "-o", file, .. images]).Ok();
        return file;
    }
}
