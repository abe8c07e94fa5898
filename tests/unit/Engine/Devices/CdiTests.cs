using Tare.Engine.Devices;
using Tare.Engine.Errors;
using Tare.Oci.Runtime;

namespace Tare.UnitTests.Engine.Devices;

public sealed class CdiTests : IDisposable
{
    private const string Yaml = """
        ---
        cdiVersion: "0.7.0"   # the version
        kind: tare.test/thing
        containerEdits:
          env:
          - COMMON=yes
        devices:
        - name: one
          containerEdits:
            env: ["ONE=1 # no comment"]
            deviceNodes:
            - path: /dev/thing0
              hostPath: /dev/zero
              permissions: rw
              fileMode: 0640
            mounts:
              - hostPath: /etc
                containerPath: /opt
                options: [ro, rbind]
            hooks:
            - hookName: createContainer
              path: /bin/true
              args:
              - "true"
            additionalGids: [77]
        - name: 'two'
          containerEdits: {}
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("tare-cdi").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void YamlAndJsonAreTheSame()
    {
        CdiDocument document = CdiDevices.Parse(Yaml, isYaml: true);
        Assert.Equal(("0.7.0", "tare.test/thing"), (document.Version, document.Kind));
        Assert.Equal(["one", "two"], document.Devices!.Select(d => d.Name));
        CdiEdits edits = document.Devices![0].Edits!;
        Assert.Equal(["ONE=1 # no comment"], edits.Env!);
        Assert.Equal(0x1A0u, edits.DeviceNodes![0].FileMode);
        Assert.Equal(["ro", "rbind"], edits.Mounts![0].Options!);
        Assert.Equal(["true"], edits.Hooks![0].Args!);
        Assert.Equal([77u], edits.AdditionalGids!);
        CdiDocument json = CdiDevices.Parse("""{"kind":"a/b","devices":[{"name":"x","containerEdits":{"env":["A=B"]}}]}""", isYaml: false);
        Assert.Equal(["A=B"], json.Devices![0].Edits!.Env!);
    }

    [Theory]
    [InlineData("kind: nonsense")]
    [InlineData("kind: a/b\nkind: a/b")]
    [InlineData("kind: *missing")]
    [InlineData("kind: &a [a]\nx: *a")]
    [InlineData("kind: a/b\n   deep: x")]
    [InlineData("kind: a/b\ndevices: {oops")]
    [InlineData("kind: a/b\n\tdevices: []")]
    [InlineData("")]
    public void MalformedYamlIsRefused(string text) => Assert.Throws<FormatException>(() => CdiDevices.Parse(text, isYaml: true));

    [Fact]
    public void MoreOfYamlIsUnderstood()
    {
        CdiDocument document = CdiDevices.Parse("kind: &k a/b\ndevices:\n- {name: one}\n- name: >-\n    t\n    wo\n- name: *k\n", isYaml: true);
        Assert.Equal(["one", "t wo", "a/b"], document.Devices!.Select(d => d.Name));
    }

    [Fact]
    public void DeepNestingEndsInAnErrorNotInAnOverflow()
    {
        string text = string.Concat(Enumerable.Repeat("- ", 5000)) + "x";
        Assert.Throws<FormatException>(() => CdiDevices.Parse(text, isYaml: true));
    }

    [Fact]
    public void ADeviceChangesTheSpecification()
    {
        File.WriteAllText(_folder + "/thing.yaml", Yaml);
        RuntimeSpec spec = Spec();
        CdiInjection.Apply(spec, ["tare.test/thing=one", "tare.test/thing=two"], CdiDevices.Read([_folder]));
        Assert.Equal(["PATH=/bin", "COMMON=yes", "ONE=1 # no comment"], spec.Process!.Env!);
        LinuxDevice device = Assert.Single(spec.Linux!.Devices!);
        Assert.Equal(("/dev/thing0", "c", 1, 5, 0x1A0u), (device.Path, device.Type, device.Major, device.Minor, device.FileMode!.Value));
        Assert.Equal("rw", Assert.Single(spec.Linux.Resources!.Devices!).Access);
        Assert.Equal("/opt", Assert.Single(spec.Mounts!).Destination);
        Assert.Equal("/bin/true", Assert.Single(spec.Hooks!.CreateContainer!).Path);
        Assert.Equal([77u], spec.Process.User!.AdditionalGids!);
    }

    [Fact]
    public void UnknownDevicesAreNamedWithTheFilesThatCouldNotBeRead()
    {
        File.WriteAllText(_folder + "/bad.json", "{");
        string message = Assert.Throws<EngineException>(() => CdiInjection.Apply(Spec(), ["a/b=c"], CdiDevices.Read([_folder]))).Message;
        Assert.StartsWith("CDI device injection failed: unresolvable CDI devices a/b=c (" + _folder + "/bad.json: ", message, StringComparison.Ordinal);
    }

    [Fact]
    public void GpusComeFromNvidiasFiles()
    {
        Tare.Engine.Containers.DeviceRequest gpus = new() { Count = -1, Capabilities = [["gpu"]] };
        Assert.Equal("could not select device driver \"\" with capabilities: [[gpu]]", Assert.Throws<EngineException>(() => DeviceRequests.Apply(Spec(), [gpus], [_folder])).Message);
        File.WriteAllText(_folder + "/nvidia.json", """{"kind":"nvidia.com/gpu","devices":[{"name":"all","containerEdits":{"env":["GPU=all"]}},{"name":"0","containerEdits":{"env":["GPU=0"]}}]}""");
        RuntimeSpec spec = Spec();
        DeviceRequests.Apply(spec, [gpus], [_folder]);
        Assert.Contains("GPU=all", spec.Process!.Env!);
        gpus.Count = 1;
        DeviceRequests.Apply(spec, [gpus], [_folder]);
        Assert.Contains("GPU=0", spec.Process.Env!);
    }

    private static RuntimeSpec Spec() => new()
    {
        Process = new ProcessSpec { Env = ["PATH=/bin"], User = new User() },
        Mounts = [],
        Linux = new LinuxSpec { Resources = new LinuxResources() },
    };
}
