using System.Text;
using System.Text.Json;
using Tare.Cli.CommandLine;
using Tare.Cli.Containers;

namespace Tare.UnitTests.Cli;

public sealed class CreateRequestTests
{
    [Fact]
    public void APlainRunAttachesBothOutputs()
    {
        JsonElement document = Document("busybox", "true");
        Assert.Equal("busybox", document.GetProperty("Image").GetString());
        Assert.Equal("[\"true\"]", document.GetProperty("Cmd").GetRawText());
        Assert.False(document.GetProperty("AttachStdin").GetBoolean());
        Assert.True(document.GetProperty("AttachStdout").GetBoolean());
        Assert.Equal("default", document.GetProperty("HostConfig").GetProperty("NetworkMode").GetString());
        Assert.False(document.TryGetProperty("NetworkingConfig", out _));
    }

    [Fact]
    public void OptionsBehindTheImageBelongToTheCommand() =>
        Assert.Equal("[\"ls\",\"-l\",\"--rm\"]", Document("busybox", "ls", "-l", "--rm").GetProperty("Cmd").GetRawText());

    [Fact]
    public void InteractiveOpensStandardInputOnce()
    {
        JsonElement document = Document("-ti", "busybox");
        Assert.True(document.GetProperty("Tty").GetBoolean());
        Assert.True(document.GetProperty("OpenStdin").GetBoolean());
        Assert.True(document.GetProperty("StdinOnce").GetBoolean());
        Assert.True(document.GetProperty("AttachStdin").GetBoolean());
    }

    [Theory]
    [InlineData("Memory", "67108864", "-m", "64m")]
    [InlineData("MemorySwap", "-1", "--memory-swap", "-1")]
    [InlineData("NanoCpus", "1500000000", "--cpus", "1.5")]
    [InlineData("PidsLimit", "100", "--pids-limit", "100")]
    [InlineData("CapAdd", "[\"ALL\",\"CAP_SYS_ADMIN\"]", "--cap-add", "sys_admin", "--cap-add", "all", "--cap-add", "CAP_SYS_ADMIN")]
    [InlineData("Binds", "[\"/a:/b:ro\",\"vol:/c\"]", "-v", "/a:/b:ro", "-v", "vol:/c", "-v", "/anonymous")]
    [InlineData("Tmpfs", "{\"/run\":\"size=1m\",\"/x\":\"\"}", "--tmpfs", "/run:size=1m", "--tmpfs", "/x")]
    [InlineData("Ulimits", "[{\"Name\":\"nofile\",\"Hard\":20,\"Soft\":10}]", "--ulimit", "nofile=10:20")]
    [InlineData("BlkioDeviceReadBps", "[{\"Path\":\"/dev/vda\",\"Rate\":1048576}]", "--device-read-bps", "/dev/vda:1mb")]
    [InlineData("Devices", "[{\"PathOnHost\":\"/dev/null\",\"PathInContainer\":\"/dev/x\",\"CgroupPermissions\":\"r\"}]", "--device", "/dev/null:/dev/x:r")]
    [InlineData("PortBindings", "{\"80/tcp\":[{\"HostIp\":\"127.0.0.1\",\"HostPort\":\"8080\"}]}", "-p", "127.0.0.1:8080:80")]
    [InlineData("RestartPolicy", "{\"Name\":\"on-failure\",\"MaximumRetryCount\":3}", "--restart", "on-failure:3")]
    [InlineData("Mounts", "[{\"Type\":\"tmpfs\",\"Target\":\"/t\",\"TmpfsOptions\":{\"SizeBytes\":1048576}}]", "--mount", "type=tmpfs,dst=/t,tmpfs-size=1m")]
    [InlineData("NetworkMode", "\"none\"", "--net", "none")]
    [InlineData("Init", "true", "--init")]
    [InlineData("ReadonlyRootfs", "true", "--read-only")]
    [InlineData("ExtraHosts", "[\"a:1.2.3.4\"]", "--add-host", "a=1.2.3.4")]
    [InlineData("Sysctls", "{\"net.ipv4.ip_forward\":\"1\"}", "--sysctl", "net.ipv4.ip_forward=1")]
    public void HostConfigCarriesWhatTheOptionsSay(string member, string json, params string[] options) =>
        Assert.Equal(json, Document([.. options, "busybox"]).GetProperty("HostConfig").GetProperty(member).GetRawText());

    [Fact]
    public void VariablesComeFromFilesThenOptionsThenTheClient()
    {
        string file = Path.GetTempFileName();
        File.WriteAllText(file, "# comment\nA=1\nHOME\nUNSET\n");
        try
        {
            string json = Document("--env-file", file, "-e", "B=2", "-e", "HOME", "-e", "GONE", "busybox").GetProperty("Env").GetRawText();
            Assert.Equal("[\"A=1\",\"HOME=/home\",\"B=2\",\"HOME=/home\",\"GONE\"]", json);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void AliasesAndLinksGoToTheEndpoint()
    {
        JsonElement endpoint = Document("--network", "mine", "--network-alias", "db", "--ip", "10.0.0.5", "busybox")
            .GetProperty("NetworkingConfig").GetProperty("EndpointsConfig").GetProperty("mine");
        Assert.Equal("[\"db\"]", endpoint.GetProperty("Aliases").GetRawText());
        Assert.Equal("10.0.0.5", endpoint.GetProperty("IPAMConfig").GetProperty("IPv4Address").GetString());
    }

    [Theory]
    [InlineData("conflicting options: cannot specify both --restart and --rm", "--rm", "--restart", "always")]
    [InlineData("no name set for network", "--network", "")]
    [InlineData("network-scoped aliases are only supported for user-defined networks", "--network-alias", "x")]
    [InlineData("--no-healthcheck conflicts with --health-* options", "--no-healthcheck", "--health-cmd", "x")]
    [InlineData("Invalid containerPort: x", "-p", "x")]
    [InlineData("open /nosuch: no such file or directory", "--env-file", "/nosuch")]
    public void ContradictionsAreRefused(string message, params string[] options) =>
        Assert.Equal(message, Assert.Throws<FormatException>(() => Document([.. options, "busybox"])).Message);

    [Theory]
    [InlineData("invalid argument \"x\" for \"--ulimit\" flag: invalid ulimit argument: x", "--ulimit", "x")]
    [InlineData("invalid argument \"x\" for \"--mount\" flag: invalid field 'x' must be a key=value pair", "--mount", "x")]
    [InlineData("invalid argument \"type=bind\" for \"--mount\" flag: target is required", "--mount", "type=bind")]
    [InlineData("invalid argument \"=\" for \"-l, --label\" flag: invalid label '=': empty name", "-l", "=")]
    [InlineData("invalid argument \"a.b=1\" for \"--sysctl\" flag: sysctl 'a.b=1' is not allowed", "--sysctl", "a.b=1")]
    [InlineData("invalid argument \"foo\" for \"-a, --attach\" flag: valid streams are STDIN, STDOUT and STDERR", "-a", "foo")]
    [InlineData("invalid argument \"x\" for \"--device-read-bps\" flag: bad format: x", "--device-read-bps", "x")]
    public void BadValuesAreRefused(string message, params string[] options) =>
        Assert.Equal(message, Assert.Throws<UsageException>(() => Document([.. options, "busybox"])).Message);

    private static JsonElement Document(params string[] arguments)
    {
        FlagSet flags = new();
        ContainerFlags container = new(flags);
        flags.Switch("detach", 'd', "");
        List<string> rest = flags.Parse(arguments, interspersed: false);
        CreateRequest request = new(container, rest, detach: false, static name => name == "HOME" ? "/home" : null);
        using JsonDocument document = JsonDocument.Parse(Encoding.UTF8.GetString(request.ToJson().Span));
        return document.RootElement.Clone();
    }
}
