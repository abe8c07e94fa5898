using System.Diagnostics;
using System.Text;

namespace Tare.Testing;

/// <summary>Runs commands with a time limit, so that a hang is a failure and not a stuck run.</summary>
public static class Command
{
    /// <summary>The limit of a command that names none.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Runs <paramref name="file"/> to its end.</summary>
    /// <exception cref="TimeoutException">It did not end in time; it was killed.</exception>
    public static CommandResult Run(string file, IEnumerable<string> arguments, byte[]? stdin = null, TimeSpan? timeout = null, IReadOnlyDictionary<string, string>? environment = null)
        => RunAsync(file, arguments, stdin, timeout, environment).GetAwaiter().GetResult();

    /// <inheritdoc cref="Run"/>
    public static async Task<CommandResult> RunAsync(string file, IEnumerable<string> arguments, byte[]? stdin = null, TimeSpan? timeout = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        using Process process = Start(file, arguments, environment);
        string line = $"{Path.GetFileName(file)} {string.Join(' ', process.StartInfo.ArgumentList)}";
        Task<string> stdout = process.StandardOutput.ReadToEndAsync();
        Task<string> stderr = process.StandardError.ReadToEndAsync();
        Task input = FeedAsync(process, stdin);
        using CancellationTokenSource limit = new(timeout ?? DefaultTimeout);
        try
        {
            await process.WaitForExitAsync(limit.Token);
            await Task.WhenAll(stdout, stderr, input).WaitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{line}: no end within {timeout ?? DefaultTimeout}; stdout so far: {Finished(stdout)}; stderr so far: {Finished(stderr)}");
        }

        return new CommandResult(line, process.ExitCode, await stdout, await stderr);
    }

    /// <summary>Starts a command with all three standard streams piped; the caller owns it.</summary>
    public static Process Start(string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        ProcessStartInfo start = new(file)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return Process.Start(start) ?? throw new InvalidOperationException($"{file} did not start");
    }

    private static async Task FeedAsync(Process process, byte[]? stdin)
    {
        try
        {
            if (stdin is not null)
            {
                await process.StandardInput.BaseStream.WriteAsync(stdin);
            }

            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The command ended without reading all of its input, as it may.
        }
    }

    private static string Finished(Task<string> text) => text.IsCompletedSuccessfully ? text.Result : "(open)";
}
