using Tare.Cli.Client;
using Tare.Cli.Output;

namespace Tare.Cli.CommandLine;

/// <summary>What a command works with: its outputs, its clock and the daemon.</summary>
internal sealed class CommandContext : IDisposable
{
    private const int MostAtOnce = 20;
    private readonly Func<DaemonClient> _connect;
    private DaemonClient? _client;

    /// <summary>Creates the context.</summary>
    /// <param name="output">Standard output.</param>
    /// <param name="error">Standard error.</param>
    /// <param name="path">The words that named the command, such as <c>container ls</c>.</param>
    /// <param name="connect">Makes the client when it is first needed.</param>
    public CommandContext(string path, OutputWriter output, OutputWriter error, Func<DaemonClient> connect)
    {
        Path = path;
        Out = output;
        Error = error;
        _connect = connect;
    }

    /// <summary>The words that named the command, such as <c>container ls</c>.</summary>
    public string Path { get; }

    /// <summary>Standard output.</summary>
    public OutputWriter Out { get; }

    /// <summary>Standard error.</summary>
    public OutputWriter Error { get; }

    /// <summary>The clock that ages are reckoned by.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>The daemon; the connection is made with the first request.</summary>
    public DaemonClient Client => _client ??= _connect();

    /// <summary>
    /// Does one thing for each name, several at once, and prints each name when it is done; goes on after a failure, as Docker's commands with several arguments do.
    /// </summary>
    /// <param name="names">What to work on, in the order of the command line.</param>
    /// <param name="action">The work; it is given the client to use, since several run at once.</param>
    /// <param name="print">Whether a name that is done is printed; null prints every one.</param>
    /// <returns>0, or 1 when any failed; the failures are written to standard error after the last name.</returns>
    public int ForEach(IReadOnlyList<string> names, Action<DaemonClient, string> action, Func<string, bool>? print = null)
    {
        Exception?[] failures = new Exception?[names.Count];
        for (int first = 0; first < names.Count; first += MostAtOnce)
        {
            RunBatch(names, first, Math.Min(first + MostAtOnce, names.Count), action, failures);
        }

        int failed = 0;
        for (int i = 0; i < names.Count; i++)
        {
            if (failures[i] is null && print?.Invoke(names[i]) != false)
            {
                Out.WriteLine(names[i]);
            }
        }

        Out.Flush();
        foreach (Exception? failure in failures)
        {
            if (failure is not null)
            {
                failed = 1;
                Error.WriteLine(failure.Message);
            }
        }

        return failed;
    }

    private void RunBatch(IReadOnlyList<string> names, int first, int end, Action<DaemonClient, string> action, Exception?[] failures)
    {
        if (names.Count == 1)
        {
            failures[0] = Attempt(Client, names[0], action);
            return;
        }

        List<Thread> threads = [];
        for (int i = first; i < end; i++)
        {
            int index = i;
            Thread thread = new(() =>
            {
                using DaemonClient client = Client.Another();
                failures[index] = Attempt(client, names[index], action);
            });
            threads.Add(thread);
        }

        _ = Client;
        threads.ForEach(static thread => thread.Start());
        threads.ForEach(static thread => thread.Join());
    }

    private static Exception? Attempt(DaemonClient client, string name, Action<DaemonClient, string> action)
    {
        try
        {
            action(client, name);
            return null;
        }
        catch (Exception failure) when (failure is DaemonException or UnreachableException)
        {
            return failure;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client?.Dispose();
}
