namespace Tare.ConformanceTests;

/// <summary>Docker Compose, as Debian ships it, on the networks that every daemon has.</summary>
public sealed class DockerComposeTests(DaemonFixture daemon) : IClassFixture<DaemonFixture>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tare-compose-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void AProjectGoesUpAndDown()
    {
        File.WriteAllText(Path.Combine(_folder, "compose.yaml"), """
            name: project
            services:
              web:
                image: busybox
                network_mode: bridge
                command: sh -c 'echo "hello $$NAME"; echo kept > /data/file; trap "exit 0" TERM; while true; do sleep 0.1; done'
                environment: {NAME: tare}
                volumes: ["data:/data"]
                mem_limit: 64m
              job:
                image: busybox
                network_mode: none
                command: cat /data/file
                volumes: ["data:/data:ro"]
                depends_on: [web]
            volumes: {data: {}}
            """);
        Compose("up", "-d").Ok();
        Eventually.True(() => Compose("ps", "-a", "--format", "{{.Service}} {{.State}} {{.ExitCode}}").Ok().Text is "job exited 0\nweb running 0", "the project does not come up");
        Eventually.True(() => Compose("logs", "--no-log-prefix", "web").Ok().Text == "hello tare", "no log");
        Assert.Equal("kept", Compose("logs", "--no-log-prefix", "job").Ok().Text);
        Assert.Equal("inside\n", Compose("exec", "-T", "web", "sh", "-c", "echo inside; exit 4").Exits(4).Stdout);
        Assert.Equal("67108864", daemon.Docker("inspect -f {{.HostConfig.Memory}} project-web-1").Ok().Text);
        Compose("restart", "-t", "1", "web").Ok();
        Compose("down", "-v").Ok();
        Assert.Equal("", daemon.Docker("ps -aq").Ok().Text);
        Assert.Equal("", daemon.Docker("volume ls -q").Ok().Text);
    }

    [Fact]
    public void AServiceWaitsForTheHealthOfAnother()
    {
        File.WriteAllText(Path.Combine(_folder, "compose.yaml"), """
            name: healthy
            services:
              base:
                image: busybox
                network_mode: none
                command: sh -c 'sleep 1; echo ready > /data/ready; sleep 1000'
                volumes: ["data:/data"]
                stop_grace_period: 0s
                healthcheck: {test: ["CMD", "test", "-e", "/data/ready"], interval: 100ms, retries: 100}
              user:
                image: busybox
                network_mode: none
                command: cat /data/ready
                volumes: ["data:/data:ro"]
                depends_on: {base: {condition: service_healthy}}
            volumes: {data: {}}
            """);
        Compose("up", "-d").Ok();
        Eventually.True(() => Compose("ps", "-a", "--format", "{{.Service}} {{.State}} {{.ExitCode}}").Ok().Text is "base running 0\nuser exited 0", "the project does not come up");
        Assert.Equal("ready", Compose("logs", "--no-log-prefix", "user").Ok().Text);
        Assert.Equal("healthy", Compose("ps", "--format", "{{.Health}}", "base").Ok().Text);
        Compose("down", "-v").Ok();
    }

    [Fact]
    public void AMissingImageIsNamed()
    {
        File.WriteAllText(Path.Combine(_folder, "compose.yaml"), "services: {a: {image: \"localhost:1/nothing:here\", network_mode: none}}");
        CommandResult result = Compose("up");
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("http://localhost:1/v2/", result.Stderr, StringComparison.Ordinal);
        Assert.Equal("", daemon.Docker("ps -aq").Ok().Text);
    }

    private CommandResult Compose(params string[] arguments)
        => Command.Run(Programs.DockerCompose, ["--project-directory", _folder, "-f", Path.Combine(_folder, "compose.yaml"), .. arguments],
            environment: new Dictionary<string, string> { ["DOCKER_HOST"] = "unix://" + daemon.Socket });
}
