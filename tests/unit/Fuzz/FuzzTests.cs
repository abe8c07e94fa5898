using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Tare.Engine.Errors;
using Tare.Engine.Images;
using Tare.Engine.State;
using Tare.Linux;
using Tare.Oci.Images;
using Tare.Registry.Auth;
using Tare.Storage;
using Tare.Storage.Layers;
using Tare.Storage.Tar;
using Tare.UnitTests.Storage;

namespace Tare.UnitTests.Fuzz;

/// <summary>
/// Parsers of what comes from strangers, fed with inputs that are nearly right. Only the parser's own exception may leave it, soon, and without much memory. Runs a moment of the same
/// inputs as part of the unit tests; <c>tests/fuzz/run.sh SECONDS</c> goes on from another seed for as long as it is told. The corpus is in <c>tests/fuzz/corpus</c>.
/// </summary>
public sealed class FuzzTests : IDisposable
{
    private const int ShortRun = 400;
    private const long MostBytes = 64 << 20;
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(10);
    private static readonly string[] s_json = ["null", "[null]", "{}", "[]", "\"\"", "-1", "1e400", "9223372036854775808", "\"sha256:\"", "\\u0000", "\\ud800", "true", ",", ":", "\"urls\":[null],", "\"platform\":null,"];
    private static readonly string[] s_tar =
        ["77777777777", "00000000000\0", "\u0080\0\0\0", "../", "/", ".wh.", ".wh..wh..opq", ".wh..wh.", "30 mtime=9999999999999999999999\n", "22 GNU.sparse.major=1\n", "SCHILY.xattr.user.a=", "path=", "linkpath=/etc\n", "size=-1\n", "GNU.sparse.map=0,1,2", "x", "g", "L", "K", "S", "1", "2", "5"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void References() => Run("reference", ["/", ":", "@", "sha256:", "docker.io/", "localhost:5000/", "..", "__", "[::1]", "library/", new string('a', 130)], input =>
    {
        string text = Encoding.UTF8.GetString(input);
        try
        {
            ImageReference parsed = ImageReference.Parse(text);
            Assert.Equal(parsed.ToString(), ImageReference.Parse(parsed.ToString()).ToString());
            Assert.NotEqual("", parsed.WithDefaultTag().Familiar);
        }
        catch (FormatException)
        {
            // Refused.
        }
    });

    [Fact]
    public void Manifests() => Run("manifest", s_json, input =>
    {
        try
        {
            ImageManifest? manifest = JsonSerializer.Deserialize(input, ImagesJson.Default.ImageManifest);
            foreach (Descriptor layer in manifest?.Layers ?? [])
            {
                Assert.True(!Digest.TryParse(layer.Digest, out Digest digest) || !digest.IsEmpty);
                Assert.False(MediaTypes.IsForeignLayer(layer.MediaType) && layer.MediaType.Length == 0);
            }

            _ = ImageDocument.ForeignOf(manifest?.Layers ?? []);
        }
        catch (JsonException)
        {
            // Refused.
        }
    });

    [Fact]
    public void Indexes() => Run("index", s_json, input =>
    {
        try
        {
            ImageIndex? index = JsonSerializer.Deserialize(input, ImagesJson.Default.ImageIndex);
            _ = index?.Select(Platform.Current);
            _ = index?.Select(Platform.Parse("linux/arm/v7"));
        }
        catch (JsonException)
        {
            // Refused.
        }
    });

    [Fact]
    public void Configurations() => Run("config", s_json, input =>
    {
        try
        {
            ImageRecord image = ImageReader.Read("sha256:" + new string('0', 64), new ImageDocument(), input);
            Assert.All(image.History, step => Assert.NotNull(step.CreatedBy));
            Assert.DoesNotContain(null, image.DiffIds);
            Assert.NotEqual("", image.Os);
        }
        catch (EngineException)
        {
            // Refused.
        }
    });

    [Fact]
    public void Challenges() => Run("challenge", ["Bearer ", "Basic ", "realm=", "\"", "\\", ",", "=", "scope=\"", "https://"], input =>
    {
        string text = Encoding.Latin1.GetString(input);
        foreach ((string key, string value) in AuthChallenge.Parse(text))
        {
            Assert.True(key.Length + value.Length <= text.Length);
        }

        using HttpResponseMessage response = new();
        if (response.Headers.TryAddWithoutValidation("WWW-Authenticate", text.Replace('\n', ' ').Replace('\r', ' ')))
        {
            HttpResponseHeaders headers = response.Headers;
            Assert.NotEqual("", AuthChallenge.Find(headers)?.Scheme);
        }
    });

    [Fact]
    public void Archives() => Run("tar", s_tar, input =>
    {
        try
        {
            byte[] buffer = new byte[8192];
            TarReader reader = new(new MemoryStream(TarRepair.Repair(input)));
            while (reader.Next() is { } entry)
            {
                Assert.DoesNotContain('\0', entry.Path);
                Assert.True(entry.Size >= 0);
                while (reader.Read(buffer) > 0)
                {
                }
            }
        }
        catch (StorageException)
        {
            // Refused.
        }
    });

    [Fact]
    public void Whiteouts()
    {
        string outside = _folder["outside"];
        File.WriteAllText(outside, "untouched");
        LayerStore layers = new(_folder["layers"]);
        Run("whiteouts", s_tar, input =>
        {
            try
            {
                using StagedLayer layer = layers.Unpack(new MemoryStream(TarRepair.Repair(input)), CancellationToken.None);
            }
            catch (StorageException)
            {
                // Refused.
            }
            catch (LinuxException)
            {
                // The file system refused a name or a number.
            }

            Assert.Empty(Directory.GetFileSystemEntries(_folder["layers"] + "/.staging"));
        }, shortRun: 60);
        Assert.Equal("untouched", File.ReadAllText(outside));
        Assert.Equal(["layers", "outside"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName).Order());
    }

    private static void Run(string target, IReadOnlyList<string> words, Action<byte[]> parse, int shortRun = ShortRun)
    {
        string folder = Path.Combine(SourceTree.Root, "tests", "fuzz", "corpus", target);
        byte[][] corpus = [.. Directory.GetFiles(folder).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];
        Assert.NotEmpty(corpus);
        foreach (byte[] input in corpus)
        {
            Try(target, input, parse);
        }

        int seconds = int.Parse(Environment.GetEnvironmentVariable("TARE_FUZZ_SECONDS") ?? "0", CultureInfo.InvariantCulture);
        int seed = int.Parse(Environment.GetEnvironmentVariable("TARE_FUZZ_SEED") ?? "20261124", CultureInfo.InvariantCulture);
        Mutator mutator = new(seed, corpus, words);
        long end = Stopwatch.GetTimestamp() + (seconds * Stopwatch.Frequency);
        int count = 0;
        for (; count < shortRun || Stopwatch.GetTimestamp() < end; count++)
        {
            Try(target, mutator.Next(), parse);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{target}: {count} inputs of seed {seed}");
    }

    private static void Try(string target, byte[] input, Action<byte[]> parse)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        Stopwatch watch = Stopwatch.StartNew();
        try
        {
            parse((byte[])input.Clone());
        }
        catch (Exception failure)
        {
            Assert.Fail($"{Keep(target, input)}: {failure}");
        }

        long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        if (bytes >= MostBytes || watch.Elapsed >= s_longest)
        {
            Assert.Fail($"{Keep(target, input)}: took {bytes} bytes of memory and {watch.Elapsed}");
        }
    }

    // For whoever adds the input to the corpus when the parser is mended.
    private static string Keep(string target, byte[] input)
    {
        string path = Path.Combine(Path.GetTempPath(), $"tare-fuzz-{target}-{Digest.Of(input).Short}");
        File.WriteAllBytes(path, input);
        return path;
    }
}
