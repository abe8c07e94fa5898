using Tare.Linux;
using Tare.Linux.Files;
using Tare.Linux.Processes;

namespace Tare.Engine.Machine;

/// <summary>Programs of the machine's administration.</summary>
internal static class HostProgram
{
    private static readonly string[] s_folders = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"];

    /// <summary>The path of a program; null where the machine has none of that name.</summary>
    public static string? Find(string name) => s_folders.Select(folder => $"{folder}/{name}").FirstOrDefault(File.Exists);

    /// <summary>Runs a program and waits for its end.</summary>
    /// <param name="path">The program.</param>
    /// <param name="arguments">Its arguments without its name.</param>
    /// <returns>Its exit status, and what it said on both streams.</returns>
    /// <exception cref="LinuxException">It cannot be started.</exception>
    public static (int Status, string Output) Run(string path, params IReadOnlyList<string> arguments)
    {
        using DescriptorPair pipe = DescriptorPair.Pipe();
        using SpawnedProcess process = ProcessLauncher.Spawn(new SpawnRequest { Path = path, Arguments = [Path.GetFileName(path), .. arguments], Descriptors = [null, pipe.Second, pipe.Second] });
        pipe.Second.Dispose();
        using FileStream stream = new(pipe.First, FileAccess.Read, bufferSize: 1);
        using StreamReader reader = new(stream);
        string output = reader.ReadToEnd().Trim();
        return (process.WaitForExitAsync().GetAwaiter().GetResult().ShellStatus, output);
    }
}
