using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Tare.Engine.Errors;
using Tare.Linux.Files;
using Tare.Linux.Processes;

namespace Tare.Engine.Containers;

/// <summary>Lists a container's processes by the host's ps(1), as dockerd does, and keeps those of the container.</summary>
internal static class ProcessListing
{
    /// <summary>Runs ps and picks the container's lines.</summary>
    /// <param name="pid">Pid of the container's init.</param>
    /// <param name="psArgs">Arguments of ps; null or empty means <c>-ef</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<TopResult> ReadAsync(int pid, string? psArgs, CancellationToken cancellationToken)
    {
        string arguments = string.IsNullOrWhiteSpace(psArgs) ? "-ef" : psArgs;
        HashSet<string> members = MembersOf(pid);
        string output = await RunAsync(arguments, cancellationToken);
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] titles = lines.Length == 0 ? [] : lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        int pidColumn = Array.IndexOf(titles, "PID");
        if (pidColumn < 0)
        {
            throw new EngineException(ErrorClass.Internal, "Couldn't find PID field in ps output");
        }

        List<IReadOnlyList<string>> rows = [];
        foreach (string line in lines.Skip(1))
        {
            string[] cells = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (cells.Length > pidColumn && members.Contains(cells[pidColumn]))
            {
                // The last column is the command with its blanks.
                rows.Add(cells.Length > titles.Length ? [.. cells[..(titles.Length - 1)], string.Join(' ', cells[(titles.Length - 1)..])] : cells);
            }
        }

        return new TopResult(titles, rows);
    }

    /// <summary>The processes of the container's pid cgroup, or of its pid namespace.</summary>
    private static HashSet<string> MembersOf(int pid)
    {
        string? own = Namespace(pid.ToString(CultureInfo.InvariantCulture));
        return [.. Directory.EnumerateDirectories("/proc").Select(p => Path.GetFileName(p)!).Where(p => char.IsAsciiDigit(p[0]) && Namespace(p) == own)];
    }

    private static string? Namespace(string pid)
    {
        try
        {
            return File.ResolveLinkTarget($"/proc/{pid}/ns/pid", returnFinalTarget: false)?.Name;
        }
        catch (IOException)
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static async Task<string> RunAsync(string arguments, CancellationToken cancellationToken)
    {
        const string Program = "/bin/ps";
        if (!File.Exists(Program))
        {
            throw new EngineException(ErrorClass.FailedPrecondition, "ps: \"/bin/ps\" is missing; hint: apt-get install procps");
        }

        using DescriptorPair pipe = DescriptorPair.Pipe();
        using SafeFileHandle nothing = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.ReadWrite);
        using SpawnedProcess process = ProcessLauncher.Spawn(new SpawnRequest
        {
            Path = Program,
            Arguments = ["ps", .. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)],
            Descriptors = [nothing, pipe.Second, nothing],
        });
        pipe.Second.Dispose();
        string output = await Task.Run(() => ReadAll(pipe.First), cancellationToken);
        ExitStatus status = await process.WaitForExitAsync();
        return status.Code == 0 ? output : throw new EngineException(ErrorClass.InvalidArgument, $"ps: exit status {status.Code}");
    }

    private static string ReadAll(SafeFileHandle handle)
    {
        using FileStream stream = new(handle, FileAccess.Read, bufferSize: 1);
        using StreamReader reader = new(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
