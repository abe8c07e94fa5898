using System.Text.RegularExpressions;

namespace Tare.ConformanceTests.Runtimes;

/// <summary>The same volume plugin under tared and under a genuine dockerd: the docker client sees the same, and the plugin is called alike.</summary>
public sealed partial class VolumePluginTests(ComparedDaemons daemons) : IClassFixture<ComparedDaemons>
{
    private const string Folder = "/run/docker/plugins";

    [Fact]
    public void BothCallAPluginAlike()
    {
        string driver = $"tare-test-{Environment.ProcessId}";
        string place = $"{Folder}/{driver}.sock";
        using VolumePluginServer there = new(daemons.Docker.Root.Folder + "/plugin-docker");
        using VolumePluginServer here = new(daemons.Docker.Root.Folder + "/plugin-tare");
        daemons.Docker.Root.Run(["sh", "-c", $"mkdir -p {Folder} && ln -s {there.SocketPath} {place}"]).Ok();
        Directory.CreateDirectory(Folder);
        File.CreateSymbolicLink(place, here.SocketPath);
        try
        {
            string[] expected = Script(arguments => daemons.Docker.Docker(arguments), driver, there.Folder);
            string[] actual = Script(arguments => daemons.Tare.Docker(arguments), driver, here.Folder);
            Assert.True(expected.SequenceEqual(actual), $"only dockerd:\n{string.Join('\n', expected.Except(actual))}\nonly tared:\n{string.Join('\n', actual.Except(expected))}");
            Assert.Equal(Distinct(there), Distinct(here));
            Assert.Empty(there.Mounts);
            Assert.Empty(here.Mounts);
        }
        finally
        {
            File.Delete(place);
            daemons.Docker.Root.Run(["rm", "-f", place]);
        }
    }

    // A volume may be made and mounted once more or less on the way: the protocol says that both change nothing the second time.
    private static string[] Distinct(VolumePluginServer server)
        => [.. server.Calls.Select(call => call.Split(' ')[1].Length == 64 ? call.Split(' ')[0] + " ANONYMOUS" : call).Distinct().Order(StringComparer.Ordinal)];

    private static string[] Script(Func<string[], CommandResult> docker, string driver, string folder)
    {
        List<string> seen = [];
        CommandResult Run(string line)
        {
            CommandResult result = docker(line.Split(' '));
            string text = $"{line} -> {result.ExitCode} {result.Stdout}{result.Stderr.Split("\n\nRun 'docker")[0]}".Replace(folder, "FOLDER", StringComparison.Ordinal);
            seen.Add(Id().Replace(text.Trim(), "ID"));
            return result;
        }

        Run($"volume create -d {driver} --opt a=b --label l=m data");
        Run("volume inspect -f {{.Driver}},{{.Mountpoint}},{{.Scope}},{{.Status}},{{.Options}},{{.Labels}},{{.CreatedAt}} data");
        Run("run --rm --net none -v data:/data busybox sh -c echo>/data/f");
        Run("run --name user --net none -v data:/data:ro busybox ls /data");
        Run("inspect -f {{range.Mounts}}{{.Type}},{{.Name}},{{.Source}},{{.Destination}},{{.Driver}},{{.RW}}{{end}} user");
        Run($"volume ls -q -f driver={driver}");
        Run("volume rm data");
        Run("rm user");
        Run("volume create data");
        Run($"volume create -d {driver} --opt fail=Create bad");
        Run($"volume create -d {driver} --opt fail=Mount broken");
        Run("run --rm --net none -v broken:/data:nocopy busybox true");
        Run("volume rm broken");
        Run($"run --rm --net none --volume-driver {driver} -v made:/data busybox true");
        Run($"run --rm --net none --volume-driver {driver} -v /data busybox true");
        Run($"run --rm --net none --mount type=volume,src=long,dst=/data,volume-driver={driver},volume-opt=x=y busybox true");
        Run("run --pull never --rm --net none --volume-driver nosuch -v other:/data busybox true");
        Run("volume create -d nosuch other");
        Run("volume rm data made long");
        Run($"volume ls -q -f driver={driver}");
        return [.. seen];
    }

    [GeneratedRegex("[0-9a-f]{64}")]
    private static partial Regex Id();
}
