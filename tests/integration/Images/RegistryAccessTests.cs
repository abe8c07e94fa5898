namespace Tare.IntegrationTests.Images;

/// <summary>Who may speak to a registry, and how: logins, credential helpers, tokens, certificates, mirrors.</summary>
public sealed class RegistryAccessTests : IClassFixture<RegistryAccessTests.Fixture>
{
    private readonly Fixture _daemon;
    private readonly string _folder;

    public RegistryAccessTests(Fixture daemon)
    {
        _daemon = daemon;
        _folder = $"{daemon.Root}/{Guid.NewGuid():N}";
        Directory.CreateDirectory(_folder + "/config");
    }

    private string ConfigFile => _folder + "/config/config.json";

    [Fact]
    public void LoginPushPullLogout()
    {
        using Registry registry = new(_folder + "/registry", new RegistrySetup { WithPasswords = true });
        string name = $"{registry.Host}/mine:v1";
        _daemon.Tare($"tag busybox {name}").Ok();
        Assert.Equal("no basic auth credentials\n", Tare($"push {name}").Exits(1).Stderr);
        Assert.Equal($"Error response from daemon: login attempt to http://{registry.Host}/v2/ failed with status: 401 Unauthorized\n", Login(registry.Host, "wrong").Exits(1).Stderr);
        Assert.False(File.Exists(ConfigFile));

        CommandResult login = Login(registry.Host, "secret").Ok();
        Assert.Equal("Login Succeeded\n", login.Stdout);
        Assert.Contains($"WARNING! Your credentials are stored unencrypted in '{ConfigFile}'.", login.Stderr, StringComparison.Ordinal);
        Assert.Equal($"{{\n\t\"auths\": {{\n\t\t\"{registry.Host}\": {{\n\t\t\t\"auth\": \"am9lOnNlY3JldA==\"\n\t\t}}\n\t}}\n}}", File.ReadAllText(ConfigFile));
        Assert.Equal((UnixFileMode)0x180, File.GetUnixFileMode(ConfigFile)); // 0600

        Tare($"push {name}").Ok();
        _daemon.Tare($"rmi {name}").Ok();
        Tare($"pull {name}").Ok();
        Assert.Contains("Authenticating with existing credentials... [Username: joe]", Tare($"login {registry.Host}").Ok().Stderr, StringComparison.Ordinal);
        Assert.Equal($"Removing login credentials for {registry.Host}\n", Tare($"logout {registry.Host}").Ok().Stdout);
        Assert.Equal("{\n\t\"auths\": {}\n}", File.ReadAllText(ConfigFile));
        Assert.Contains("no basic auth credentials", Tare($"pull {name}").Exits(1).Stderr, StringComparison.Ordinal);
        _daemon.Tare($"rmi {name}").Ok();
    }

    [Fact]
    public void TheGenuineClientLogsInToo()
    {
        using Registry registry = new(_folder + "/registry", new RegistrySetup { WithPasswords = true });
        string[] words = ["-H", $"unix://{_daemon.Socket}", "login", registry.Host, "-u", "joe", "--password-stdin"];
        Dictionary<string, string> environment = new() { ["DOCKER_CONFIG"] = _folder + "/config" };
        Assert.Contains("Login Succeeded", Command.Run(Programs.Docker, words, "secret"u8.ToArray(), null, environment).Ok().Stdout, StringComparison.Ordinal);
        Command.Run(Programs.Docker, words, "wrong"u8.ToArray(), null, environment).Exits(1);
    }

    [Theory]
    [InlineData("{\"credsStore\":\"test\",\"psFormat\":\"x\"}")]
    [InlineData("{\"credHelpers\":{\"HOST\":\"test\"},\"psFormat\":\"x\"}")]
    public void CredentialHelpersKeepTheSecret(string config)
    {
        using Registry registry = new(_folder + "/registry", new RegistrySetup { WithPasswords = true });
        File.WriteAllText(ConfigFile, config.Replace("HOST", registry.Host, StringComparison.Ordinal));
        WriteHelper();
        CommandResult login = Login(registry.Host, "secret").Ok();
        Assert.DoesNotContain("unencrypted", login.Stderr, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", File.ReadAllText(ConfigFile), StringComparison.Ordinal);
        Assert.DoesNotContain("am9lOnNlY3JldA", File.ReadAllText(ConfigFile), StringComparison.Ordinal);
        Assert.Contains("\"psFormat\": \"x\"", File.ReadAllText(ConfigFile), StringComparison.Ordinal);
        Assert.Contains("\"Secret\":\"secret\"", File.ReadAllText(_folder + "/kept"), StringComparison.Ordinal);

        string name = $"{registry.Host}/mine:v1";
        _daemon.Tare($"tag busybox {name}").Ok();
        Tare($"push -q {name}").Ok();
        _daemon.Tare($"rmi {name}").Ok();
        Tare($"logout {registry.Host}").Ok();
        Assert.False(File.Exists(_folder + "/kept"));
    }

    [Fact]
    public void TokensOfTheRightScope()
    {
        using TokenServer tokens = new();
        using Registry registry = new(_folder + "/registry", new RegistrySetup { Tokens = tokens });
        string mine = $"{registry.Host}/private/mine:v1";
        string open = $"{registry.Host}/public/open:v1";
        _daemon.Tare($"tag busybox {mine}").Ok();
        _daemon.Tare($"tag busybox {open}").Ok();
        Assert.Contains("unauthorized", Login(registry.Host, "wrong").Exits(1).Stderr, StringComparison.Ordinal);
        Login(registry.Host, "secret").Ok();
        Assert.Contains($"\"identitytoken\": \"{TokenServer.IdentityToken}\"", File.ReadAllText(ConfigFile), StringComparison.Ordinal);
        Assert.DoesNotContain("c2VjcmV0", File.ReadAllText(ConfigFile), StringComparison.Ordinal); // the password is not kept

        Tare($"push -q {mine}").Ok();
        Tare($"push -q {open}").Ok();
        Assert.Contains(tokens.Requests, request => request.Contains("scope=repository:private/mine:pull,push", StringComparison.Ordinal) && request.Contains("grant_type=refresh_token", StringComparison.Ordinal));
        _daemon.Tare($"rmi {mine} {open}").Ok();
        Tare($"logout {registry.Host}").Ok();
        Tare($"pull -q {open}").Ok();
        Assert.Contains("pull access denied", Tare($"pull -q {mine}").Exits(1).Stderr, StringComparison.Ordinal);
        _daemon.Tare($"rmi {open}").Ok();
    }

    [Fact]
    public void ARegistryWithACertificateOfItsOwnAuthority()
    {
        using TestAuthority authority = new();
        using Registry registry = new(_folder + "/registry", new RegistrySetup { Authority = authority });
        registry.Push("tls/image", "v1", new ImageBlobs().Layer(BusyboxRoot.Tar).Finish());
        // Another name for the same place: a loopback address would not be checked.
        string host = registry.Host.Replace("127.0.0.1", Fixture.CheckedAddress, StringComparison.Ordinal);
        using ForwardedPort _ = new(host, registry.Host);
        Assert.Contains("x509: ", Tare($"pull {host}/tls/image:v1").Exits(1).Stderr, StringComparison.Ordinal);
    }

    [Fact]
    public void AnAuthorityThatIsLaidDownAndAClientCertificate()
    {
        using TestAuthority authority = new();
        (string certificate, string key) = authority.Issue("client", null);
        using Registry registry = new(_folder + "/registry", new RegistrySetup { Authority = authority, ClientCertificate = (certificate, key) });
        registry.Push("tls/image", "v1", new ImageBlobs().Layer(BusyboxRoot.Tar).Finish());
        string folder = Directory.CreateDirectory($"{_daemon.Certificates}/{registry.Host}").FullName;
        CommandResult refused = Tare($"pull {registry.Host}/tls/image:v1").Exits(1);
        Assert.NotEqual("", refused.Stderr);

        File.WriteAllText(folder + "/ca.crt", authority.Pem);
        File.WriteAllText(folder + "/client.cert", certificate);
        Assert.Contains("missing key client.key for client certificate client.cert. CA certificates must use the extension .crt", Tare($"pull {registry.Host}/tls/image:v1").Exits(1).Stderr, StringComparison.Ordinal);
        File.WriteAllText(folder + "/client.key", key);
        Tare($"pull -q {registry.Host}/tls/image:v1").Ok();
        Tare($"push -q {registry.Host}/tls/image:v1").Ok();
        _daemon.Tare($"rmi {registry.Host}/tls/image:v1").Ok();
    }

    [Fact]
    public void AMirrorServesDockerHubsImages()
    {
        _daemon.Mirror.Push("library/mirrored", "v1", new ImageBlobs().Layer(BusyboxRoot.Tar).Finish("amd64", "echo", "by mirror"));
        Assert.Equal("by mirror", Tare("run --rm mirrored:v1").Ok().Text);
        _daemon.Tare("rmi mirrored:v1").Ok();
    }

    private CommandResult Login(string host, string password)
        => Command.Run(Programs.Tare, ["-H", $"unix://{_daemon.Socket}", "login", host, "-u", "joe", "--password-stdin"], System.Text.Encoding.UTF8.GetBytes(password + "\n"), null, Environment());

    private CommandResult Tare(string line) => Command.Run(Programs.Tare, ["-H", $"unix://{_daemon.Socket}", .. line.Split(' ')], null, null, Environment());

    private Dictionary<string, string> Environment()
        => new() { ["DOCKER_CONFIG"] = _folder + "/config", ["PATH"] = $"{_folder}:{System.Environment.GetEnvironmentVariable("PATH")}" };

    private void WriteHelper()
    {
        string helper = _folder + "/docker-credential-test";
        File.WriteAllText(helper, $$"""
            #!/bin/sh
            kept={{_folder}}/kept
            case $1 in
            store) cat >$kept ;;
            erase) rm -f $kept ;;
            get) if [ -e $kept ]; then cat $kept; else echo credentials not found in native keychain; exit 1; fi ;;
            *) echo unknown verb; exit 1 ;;
            esac
            """);
        File.SetUnixFileMode(helper, (UnixFileMode)0x1ED);
    }

    /// <summary>A daemon with a folder of certificates of its own, and a mirror.</summary>
    public sealed class Fixture : DaemonFixture
    {
        /// <summary>An address of this machine that is not loopback's, so that certificates are checked.</summary>
        public const string CheckedAddress = "10.199.199.1";

        public string Certificates => Root + "/certs.d";

        public Registry Mirror { get; private set; } = null!;

        protected override IReadOnlyList<string> ExtraArguments => [$"--registry-certs {Certificates}", $"--registry-mirror http://{Mirror.Host}"];

        protected override void BeforeStart()
        {
            Mirror = new Registry(Root + "/mirror");
            Command.Run("/bin/ip", ["addr", "add", CheckedAddress + "/32", "dev", "lo"]).Ok();
        }

        protected override void AfterStop()
        {
            Command.Run("/bin/ip", ["addr", "del", CheckedAddress + "/32", "dev", "lo"]).Ok();
            Mirror.Dispose();
        }
    }

    /// <summary>Passes connections to an address on to another one.</summary>
    private sealed class ForwardedPort : IDisposable
    {
        private readonly System.Net.Sockets.TcpListener _listener;

        public ForwardedPort(string from, string to)
        {
            _listener = new System.Net.Sockets.TcpListener(System.Net.IPEndPoint.Parse(from));
            _listener.Start();
            _ = Task.Run(async () =>
            {
                try
                {
                    while (true)
                    {
                        System.Net.Sockets.TcpClient client = await _listener.AcceptTcpClientAsync();
                        _ = PassAsync(client, System.Net.IPEndPoint.Parse(to));
                    }
                }
                catch (Exception end) when (end is ObjectDisposedException or System.Net.Sockets.SocketException)
                {
                    // Disposed.
                }
            });
        }

        public void Dispose() => _listener.Dispose();

        private static async Task PassAsync(System.Net.Sockets.TcpClient client, System.Net.IPEndPoint to)
        {
            using (client)
            using (System.Net.Sockets.TcpClient server = new())
            {
                try
                {
                    await server.ConnectAsync(to);
                    await Task.WhenAny(client.GetStream().CopyToAsync(server.GetStream()), server.GetStream().CopyToAsync(client.GetStream()));
                }
                catch (Exception end) when (end is IOException or System.Net.Sockets.SocketException)
                {
                    // One side went away, as the test wants to see.
                }
            }
        }
    }
}
