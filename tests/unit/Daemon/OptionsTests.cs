using Microsoft.Extensions.Logging;
using Tare.Daemon.Hosting;
using Tare.Daemon.Options;

namespace Tare.UnitTests.Daemon;

public sealed class OptionsTests
{
    [Fact]
    public void ReadsFlags()
    {
        DaemonOptions options = DaemonCommand.ParseFlags(
            ["-H", "unix:///a", "--host=tcp://127.0.0.1:1", "--data-root", "/d", "--iptables=false", "-D", "--insecure-registry", "r:5000", "--mtu", "1400", "-l", "warn"]);
        Assert.Equal(["unix:///a", "tcp://127.0.0.1:1"], options.Hosts);
        Assert.Equal("/d", options.DataRoot);
        Assert.False(options.Firewall);
        Assert.True(options.Debug);
        Assert.Equal(["r:5000"], options.InsecureRegistries);
        Assert.Equal(1400, options.Mtu);
        Assert.Null(options.Masquerade);
        Assert.Null(options.RegistryMirrors);
        Assert.Null(options.ExecRoot);
        Assert.Equal(LogLevel.Debug, options.MinimumLevel);
    }

    [Fact]
    public void AFlagThatIsGivenAgainTakesThePlaceOfTheFirst()
    {
        DaemonOptions options = DaemonCommand.ParseFlags(["--data-root", "/a", "--mtu=1", "--iptables", "--debug", "--data-root=/b", "--mtu", "2", "--iptables=0", "--icc=T"]);
        Assert.Equal(("/b", 2, false, true, true), (options.DataRoot, options.Mtu, options.Firewall, options.Debug, options.InterContainer));
    }

    [Fact]
    public void AnEmptyValueIsAValue()
    {
        DaemonOptions options = DaemonCommand.ParseFlags(["--cdi-spec-dir=", "--data-root", "/b"]);
        Assert.Equal([""], options.CdiFolders);
        Assert.Equal("/b", options.DataRoot);
        Assert.Empty(EngineOptions.From(options with { RuntimePath = Environment.ProcessPath }).CdiFolders);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n\t")]
    public void AnEmptyFileSaysNothing(string text) => Assert.Null(ConfigFile.Parse(System.Text.Encoding.UTF8.GetBytes(text)).DataRoot);

    [Fact]
    public void RefusesUnknownLevels() => Assert.Throws<OptionException>(() => new DaemonOptions { LogLevel = "loud" }.MinimumLevel);

    [Fact]
    public void StorageOptionsAreOverlay2s()
    {
        string runtime = Environment.ProcessPath!;
        DaemonOptions Of(params string[] options) => new() { RuntimePath = runtime, StorageOptions = options };
        DaemonOptions merged = ConfigFile.Parse("""{ "storage-opts": ["overlay2.size=10G"] }"""u8).Merge(new DaemonOptions { RuntimePath = runtime });
        Assert.Equal(10L << 30, EngineOptions.From(merged).DefaultLayerSizeBytes);
        Assert.Equal(5L << 20, EngineOptions.From(Of("overlay2.override_kernel_check=true", "Overlay2.Size=5m")).DefaultLayerSizeBytes);
        Assert.Equal(["overlay2.size=1g"], DaemonCommand.ParseFlags(["--storage-opt", "overlay2.size=1g"]).StorageOptions);
        Assert.Equal("overlay2: unknown option overlay2.colour", Assert.Throws<OptionException>(() => EngineOptions.From(Of("overlay2.colour=red"))).Message);
        Assert.Equal("invalid size: 'x'", Assert.Throws<OptionException>(() => EngineOptions.From(Of("overlay2.size=x"))).Message);
        Assert.Equal("unable to parse key/value option: overlay2.size", Assert.Throws<OptionException>(() => EngineOptions.From(Of("overlay2.size"))).Message);
    }

    [Fact]
    public void JoinsFileAndFlags()
    {
        ConfigFile file = ConfigFile.Parse("""{ "data-root": "/f", "registry-mirrors": ["https://m"], "debug": true, /* why */ "ip-masq": false, }"""u8);
        DaemonOptions options = file.Merge(new DaemonOptions { ExecRoot = "/e" });
        Assert.Equal("/f", options.DataRoot);
        Assert.Equal("/e", options.ExecRoot);
        Assert.Equal(["https://m"], options.RegistryMirrors);
        Assert.True(options.Debug);
        Assert.False(options.Masquerade);
    }

    [Fact]
    public void RefusesWhatIsSaidTwice()
    {
        OptionException error = Assert.Throws<OptionException>(() => ConfigFile.Parse("""{"hosts":["unix:///a"],"bip":"10.0.0.1/8"}"""u8)
            .Merge(new DaemonOptions { Hosts = ["unix:///b"], BridgeAddress = "10.0.0.1/8" }));
        Assert.Equal("the following directives are specified both as a flag and in the configuration file: hosts, bip", error.Message);
    }

    [Theory]
    [InlineData("""{"foo":1,"bar":2}""", "the following directives don't match any configuration option: foo, bar")]
    [InlineData("""{"debug":"x"}""", "invalid JSON: unexpected content at line 1, in $.debug")]
    [InlineData("{", "invalid JSON: unexpected content at line 1")]
    public void RefusesFaultyFiles(string json, string message) =>
        Assert.Equal(message, Assert.Throws<OptionException>(() => ConfigFile.Parse(System.Text.Encoding.UTF8.GetBytes(json))).Message);

    [Fact]
    public void AMissingFileIsAFaultOnlyWhenNamed()
    {
        OptionException error = Assert.Throws<OptionException>(() => ConfigFile.Read("/does/not/exist.json"));
        Assert.StartsWith("read configuration file \"/does/not/exist.json\": ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("unix:///run/x.sock", "/run/x.sock", null, null)]
    [InlineData("tcp://127.0.0.1:2375", null, "127.0.0.1:2375", null)]
    [InlineData("127.0.0.1:2376", null, "127.0.0.1:2376", null)]
    [InlineData("tcp://", null, "127.0.0.1:2375", null)]
    [InlineData("tcp://:1", null, "127.0.0.1:1", null)]
    [InlineData("tcp://localhost:5", null, "127.0.0.1:5", null)]
    [InlineData("tcp://[::1]:5", null, "[::1]:5", null)]
    [InlineData("fd://", null, null, -1)]
    [InlineData("fd://4", null, null, 4)]
    public void ReadsAddresses(string text, string? path, string? endPoint, int? descriptor)
    {
        ListenAddress address = ListenAddress.Parse(text);
        Assert.Equal(path, address.Path);
        Assert.Equal(endPoint, address.EndPoint?.ToString());
        Assert.Equal(descriptor, address.Descriptor);
    }

    [Theory]
    [InlineData("foo")]
    [InlineData("unix://")]
    [InlineData("unix://relative")]
    [InlineData("tcp://host.invalid:1")]
    [InlineData("tcp://1.2.3.4:99999")]
    [InlineData("fd://1")]
    [InlineData("http://x")]
    public void RefusesOtherAddresses(string text) => Assert.Throws<OptionException>(() => ListenAddress.Parse(text));

    [Fact]
    public void RefusesPathsThatSocketsCannotHave() => Assert.Throws<OptionException>(() => ListenAddress.Parse("unix:///" + new string('x', 107)));

    [Fact]
    public void FindsGroups()
    {
        string[] lines = ["root:x:0:", "tare:x:998:joe,ann", "broken"];
        Assert.Equal(998u, Groups.Find(lines, "tare"));
        Assert.Null(Groups.Find(lines, "docker"));
        Assert.Equal(5u, Groups.Resolve("5"));
        Assert.Throws<OptionException>(() => Groups.Resolve("no-such-group-here"));
    }

    [Fact]
    public void TranslatesForTheEngine()
    {
        string runtime = Environment.ProcessPath!;
        DaemonOptions options = new() { RuntimePath = runtime, DataRoot = "/a/../d", Bridge = "br9", BridgeAddress = "10.1.2.3/24", Firewall = false };
        Tare.Engine.TareEngineOptions engine = EngineOptions.From(options);
        Assert.Equal("/d", engine.DataRoot);
        Assert.Equal("/run/tare", engine.ExecRoot);
        Assert.Equal("br9", engine.BridgeName);
        Assert.Equal("10.1.2.3/24", engine.BridgeAddress);
        Assert.False(engine.Masquerade);
        Assert.Equal("", EngineOptions.From(options with { Bridge = "none" }).BridgeAddress);
        Assert.Throws<OptionException>(() => EngineOptions.From(options with { BridgeAddress = "10.1.2.3" }));
        Assert.Throws<OptionException>(() => EngineOptions.From(options with { BridgeAddress = "10.1.2.3/33" }));
        Assert.Throws<OptionException>(() => EngineOptions.From(options with { RuntimePath = "/no/such" }));
    }

    [Theory]
    [InlineData("""{ "fixed-cidr": "x" }""", "invalid --fixed-cidr \"x\": want an IPv4 subnet such as 172.17.4.0/24")]
    [InlineData("""{ "default-gateway": "::1" }""", "invalid --default-gateway \"::1\": want an IPv4 address")]
    [InlineData("""{ "ip": "here" }""", "invalid --ip \"here\": want an address")]
    [InlineData("""{ "mtu": 20 }""", "invalid --mtu 20: want at least 68")]
    [InlineData("""{ "host-gateway-ips": ["1.2.3.4", "x"] }""", "invalid --host-gateway-ip \"x\": want an address")]
    [InlineData("""{ "ipv6": true }""", "ipv6, fixed-cidr-v6, bip6, default-gateway-v6: the default bridge has no IPv6 here")]
    [InlineData("""{ "fixed-cidr-v6": "fd00::/64" }""", "ipv6, fixed-cidr-v6, bip6, default-gateway-v6: the default bridge has no IPv6 here")]
    [InlineData("""{ "firewall-backend": "iptables" }""", "firewall-backend: only nftables is here, not iptables")]
    [InlineData("""{ "default-network-opts": { "bridge": { "com.docker.network.driver.mtu": "1400" } } }""", "default-network-opts: there are no user-defined networks here, which it is for")]
    public void WhatTheBridgeCannotBeIsRefused(string json, string message)
    {
        DaemonOptions options = ConfigFile.Parse(System.Text.Encoding.UTF8.GetBytes(json)).Merge(new DaemonOptions { RuntimePath = Environment.ProcessPath! });
        Assert.Equal(message, Assert.Throws<OptionException>(() => EngineOptions.From(options)).Message);
    }

    [Fact]
    public void SettingsOfTheBridgeReachTheEngine()
    {
        DaemonOptions options = ConfigFile.Parse("""
            { "icc": false, "ip": "127.0.0.1", "ip-forward": false, "fixed-cidr": "10.1.2.128/25", "default-gateway": "10.1.2.9", "allow-direct-routing": true, "userland-proxy": false,
              "iptables": false, "host-gateway-ips": ["192.0.2.1"], "ipv6": false, "ip6tables": true, "firewall-backend": "nftables", "userns-remap": "default", "live-restore": false, "shutdown-timeout": -1 }
            """u8).Merge(new DaemonOptions { RuntimePath = Environment.ProcessPath! });
        Tare.Engine.TareEngineOptions engine = EngineOptions.From(options);
        Assert.False(engine.InterContainer || engine.Forwarding || engine.UserlandProxy || engine.Firewall || engine.Masquerade || engine.LiveRestore);
        Assert.True(engine.DirectRouting);
        Assert.Equal(("127.0.0.1", "10.1.2.128/25", "10.1.2.9", "default", -1), (engine.PublishAddress, engine.FixedCidr, engine.DefaultGateway, engine.UsernsRemap, engine.ShutdownTimeoutSeconds));
        Assert.Equal(["192.0.2.1"], engine.HostGateways);
    }
}
