using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Tare.Linux.Files;
using Tare.Linux.Interop;
using Tare.Linux.Processes;
using Tare.Runtime.Containers;

namespace Tare.Runtime.Commands;

/// <summary><c>ps</c>: the container's processes, as the host's ps(1) shows them or as a JSON array of pids.</summary>
internal static unsafe class PsCommand
{
    private static readonly string[] s_programs = ["/bin/ps", "/usr/bin/ps"];

    /// <summary>Runs the command.</summary>
    public static int Run(CommandContext context, CommandLineReader reader)
    {
        string format = "table";
        while (reader.NextOption())
        {
            format = reader.Option is "format" or "f" ? reader.Value() : throw reader.Unknown("ps");
        }

        string[] rest = reader.Rest();
        if (rest.Length == 0)
        {
            throw new RuntimeException(ErrorKind.Invalid, "tare-runtime: \"ps\" requires a minimum of 1 argument: the container's id");
        }

        StoredContainer container = context.Store.Load(rest[0]);
        HashSet<int> pids = [.. container.Processes()];
        MessageLog.WriteStdout(format switch
        {
            "json" => $"[{string.Join(',', pids.Order().Select(pid => pid.ToString(CultureInfo.InvariantCulture)))}]\n",
            "table" => Select(Output(rest.Length > 1 ? rest[1..] : ["-ef"]), pids),
            _ => throw new RuntimeException(ErrorKind.Invalid, $"invalid format option \"{format}\""),
        });
        return 0;
    }

    /// <summary>The heading and the lines whose column PID holds one of the pids.</summary>
    /// <exception cref="RuntimeException">There is no such column.</exception>
    internal static string Select(string output, IReadOnlySet<int> pids)
    {
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        int column = lines.Length == 0 ? -1 : Array.IndexOf(Columns(lines[0]), "PID");
        if (column < 0)
        {
            throw new RuntimeException(ErrorKind.Invalid, "couldn't find PID field in ps output");
        }

        StringBuilder text = new(lines[0] + "\n");
        foreach (string line in lines.Skip(1))
        {
            string[] columns = Columns(line);
            if (columns.Length > column && int.TryParse(columns[column], CultureInfo.InvariantCulture, out int pid) && pids.Contains(pid))
            {
                text.Append(line).Append('\n');
            }
        }

        return text.ToString();
    }

    private static string[] Columns(string line) => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private static string Output(string[] arguments)
    {
        string program = Array.Find(s_programs, File.Exists) ?? throw new RuntimeException(ErrorKind.Invalid, "ps is not installed on this host (package procps)");
        using DescriptorPair pipe = DescriptorPair.Pipe();
        using SpawnedProcess process = ProcessLauncher.Spawn(new SpawnRequest { Path = program, Arguments = ["ps", .. arguments], Descriptors = [null, pipe.Second, null] });
        pipe.Second.Dispose();
        string output = ReadAll(pipe.First);
        ExitStatus status = ChildReaper.Wait(process.PidFd);
        return status.ShellStatus == 0 ? output : throw new RuntimeException(ErrorKind.Step, $"ps {string.Join(' ', arguments)}: exit status {status.ShellStatus}");
    }

    private static string ReadAll(SafeFileHandle pipe)
    {
        using MemoryStream content = new();
        byte* buffer = stackalloc byte[4096];
        nint read;
        while ((read = Libc.read((int)pipe.DangerousGetHandle(), buffer, 4096)) > 0)
        {
            content.Write(new ReadOnlySpan<byte>(buffer, (int)read));
        }

        return Encoding.UTF8.GetString(content.GetBuffer(), 0, (int)content.Length);
    }
}
