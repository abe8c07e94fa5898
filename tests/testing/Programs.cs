namespace Tare.Testing;

/// <summary>Where the programs under test and the foreign clients stand.</summary>
public static class Programs
{
    /// <summary>The folder of the published programs: TARE_TEST_BIN, else out/bin of the source tree.</summary>
    public static string Folder { get; } = Environment.GetEnvironmentVariable("TARE_TEST_BIN") ?? Path.Combine(SourceRoot(), "out", "bin");

    public static string Tare { get; } = Path.Combine(Folder, "tare");

    public static string Tared { get; } = Path.Combine(Folder, "tared");

    public static string Runtime { get; } = Path.Combine(Folder, "tare-runtime");

    /// <summary>The unpacked foreign clients (eng/clients.sh): TARE_TEST_CLIENTS, else the cache folder of that script.</summary>
    public static string Clients { get; } = Path.Combine(
        Environment.GetEnvironmentVariable("TARE_TEST_CLIENTS")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "tare", "clients"),
        "root");

    public static string Docker { get; } = Path.Combine(Clients, "usr", "bin", "docker");

    public static string DockerCompose { get; } = Path.Combine(Clients, "usr", "libexec", "docker", "cli-plugins", "docker-compose");

    public static string DockerRegistry { get; } = Path.Combine(Clients, "usr", "bin", "docker-registry");

    /// <summary>The folder of Tare.slnx above the test program.</summary>
    public static string SourceRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Tare.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"no folder above \"{AppContext.BaseDirectory}\" holds Tare.slnx");
    }
}
