using System.Formats.Tar;
using System.Text;

namespace Tare.ConformanceTests.Runtimes;

/// <summary>Image configurations with nulls where values are expected: tared and a genuine dockerd load the same archive, and must tell the same of the image or refuse it in the same words.</summary>
public sealed class ImageNullsTests(ComparedDaemons daemons) : IClassFixture<ComparedDaemons>
{
    private static readonly string s_diffId = ImageBlobs.DigestOf(BusyboxRoot.Tar);

    /// <summary>Name, members of the configuration; LAYERS stands for the layers that belong to the archive.</summary>
    public static TheoryData<string, string> Configurations => new()
    {
        { "sound", Of("\"Env\":[\"PATH=/bin\"],\"Cmd\":[\"true\"]") },
        { "null in Env", Of("\"Env\":[null,\"PATH=/bin\"],\"Cmd\":[\"true\"]") },
        { "Env null", Of("\"Env\":null,\"Cmd\":[\"/bin/true\"]") },
        { "Cmd null", Of("\"Env\":[\"PATH=/bin\"],\"Cmd\":null") },
        { "null in Cmd", Of("\"Env\":[\"PATH=/bin\"],\"Cmd\":[\"true\",null]") },
        { "null in Entrypoint", Of("\"Entrypoint\":[null],\"Cmd\":[\"true\"]") },
        { "null label", Of("\"Labels\":{\"a\":null,\"b\":\"c\"},\"Cmd\":[\"/bin/true\"]") },
        { "Labels null", Of("\"Labels\":null,\"Cmd\":[\"/bin/true\"]") },
        { "null in sets", Of("\"Volumes\":{\"/v\":null},\"ExposedPorts\":{\"80/tcp\":null},\"Cmd\":[\"/bin/true\"]") },
        { "null in OnBuild and Shell", Of("\"OnBuild\":[null],\"Shell\":[null],\"Cmd\":[\"/bin/true\"]") },
        { "scalars null", Of("\"User\":null,\"WorkingDir\":null,\"Tty\":null,\"StopSignal\":null,\"StopTimeout\":null,\"Cmd\":[\"/bin/true\"]") },
        { "health check of nulls", Of("\"Healthcheck\":{\"Test\":[\"CMD\",null],\"Interval\":null,\"Retries\":null},\"Cmd\":[\"/bin/true\"]") },
        { "Healthcheck null", Of("\"Healthcheck\":null,\"Cmd\":[\"/bin/true\"]") },
        { "config null", "\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":null,LAYERS" },
        { "history null", "\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{\"Cmd\":[\"/bin/true\"]},\"history\":null,LAYERS" },
        { "null in history", "\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{\"Cmd\":[\"/bin/true\"]},\"history\":[null,{\"created_by\":null,\"empty_layer\":true,\"comment\":null}],LAYERS" },
        { "scalars of the image null", "\"architecture\":null,\"os\":null,\"author\":null,\"comment\":null,\"created\":null,\"config\":{\"Cmd\":[\"/bin/true\"]},LAYERS" },
        { "rootfs null", "\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{\"Cmd\":[\"/bin/true\"]},\"rootfs\":null" },
        { "rootfs missing", "\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{\"Cmd\":[\"/bin/true\"]}" },
        { "no layers", "\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{\"Cmd\":[\"/bin/true\"]},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":null}" },
    };

    [Theory]
    [MemberData(nameof(Configurations))]
    public void BothTellTheSame(string name, string members)
    {
        byte[] archive = Archive("{" + members.Replace("LAYERS", $"\"rootfs\":{{\"type\":\"layers\",\"diff_ids\":[\"{s_diffId}\"]}}", StringComparison.Ordinal) + "}");
        string docker = Tell(0, archive);
        string tare = Tell(1, archive);
        Assert.True(docker == tare, $"{name}:\ndockerd:\n{docker}\ntared:\n{tare}");
    }

    private static string Of(string config) => $"\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{{{config}}},LAYERS";

    private static byte[] Archive(string config)
    {
        using MemoryStream stream = new();
        using (TarWriter tar = new(stream, TarEntryFormat.Ustar, leaveOpen: true))
        {
            Add(tar, "layer.tar", BusyboxRoot.Tar);
            Add(tar, "config.json", Encoding.UTF8.GetBytes(config));
            Add(tar, "manifest.json", "[{\"Config\":\"config.json\",\"RepoTags\":[\"nulls:1\"],\"Layers\":[\"layer.tar\"]}]"u8.ToArray());
        }

        return stream.ToArray();
    }

    private static void Add(TarWriter tar, string path, byte[] content) => tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, path) { DataStream = new MemoryStream(content) });

    // What every command tells that reads the image's configuration.
    private string Tell(int which, byte[] archive)
    {
        StringBuilder told = new();
        void Add(string[] arguments, byte[]? stdin = null)
        {
            CommandResult result = which == 0 ? daemons.Docker.Docker(arguments, stdin) : daemons.Tare.Docker(arguments, stdin);
            // The words of the runtime are its own.
            string error = result.Stderr.Contains("OCI runtime", StringComparison.Ordinal) || result.Stderr.Contains("runc", StringComparison.Ordinal) ? "the runtime refuses" : result.Stderr;
            told.AppendLine(string.Join(' ', arguments)).AppendLine($"{result.ExitCode}").AppendLine(result.Stdout).AppendLine(result.ExitCode == 0 ? "" : error);
        }

        Add(["load", "-q"], archive);
        Add(["inspect", "-f", "{{.Id}} {{json .Config}} {{json .RootFS}} [{{.Os}}] [{{.Architecture}}] [{{.Comment}}] [{{.Author}}]", "nulls:1"]);
        Add(["history", "--no-trunc", "--format", "{{.CreatedBy}}|{{.Comment}}", "nulls:1"]);
        Add(["run", "--pull", "never", "--name", "nulls", "--net", "none", "nulls:1"]);
        Add(["inspect", "-f", "{{json .Config.Env}} {{json .Config.Cmd}} {{json .Config.Entrypoint}} {{json .Config.Labels}} {{json .Config.Volumes}}", "nulls"]);
        Add(["inspect", "-f", "{{json .Config.Env}} {{json .Config.Cmd}} {{json .Config.Labels}} {{json .Config.Healthcheck}}", Commit(which)]);
        Add(["images", "--filter", "label=a", "--format", "{{.Repository}}"]);
        CommandResult saved = which == 0 ? daemons.Docker.Docker(["save", "nulls:1"]) : daemons.Tare.Docker(["save", "nulls:1"]);
        told.AppendLine($"save {saved.ExitCode}");
        foreach (string[] last in (string[][])[["rm", "-v", "nulls"], ["rmi", "committed:1"], ["rmi", "nulls:1"]])
        {
            CommandResult result = which == 0 ? daemons.Docker.Docker(last) : daemons.Tare.Docker(last);
            told.AppendLine($"{last[0]} {result.ExitCode}");
        }

        return told.ToString();
    }

    private string Commit(int which)
    {
        _ = which == 0 ? daemons.Docker.Docker(["commit", "nulls", "committed:1"]) : daemons.Tare.Docker(["commit", "nulls", "committed:1"]);
        return "committed:1";
    }
}
