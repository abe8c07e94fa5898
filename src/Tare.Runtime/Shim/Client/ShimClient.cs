using System.Runtime.CompilerServices;
using System.Text.Json;
using Tare.Runtime.Shim.Protocol;

namespace Tare.Runtime.Shim.Client;

/// <summary>
/// The daemon's side of the shim protocol. Requests share one connection, one after the other; attach, exec and subscribe open their own.
/// All methods may be called at the same time. Every method throws <see cref="ShimException"/> for a refused request, with
/// <see cref="ShimErrorKind.Gone"/> when no shim answers.
/// </summary>
public sealed class ShimClient : IDisposable
{
    private readonly string _path;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private ShimConnection? _control;

    private ShimClient(string path, ShimConnection control)
    {
        _path = path;
        _control = control;
    }

    /// <summary>Connects to the shim that listens on <paramref name="socketPath"/>. The socket's backlog answers before the shim itself runs.</summary>
    /// <exception cref="ShimException"><see cref="ShimErrorKind.Gone"/>: nothing listens there.</exception>
    public static async Task<ShimClient> ConnectAsync(string socketPath, CancellationToken cancellationToken = default) =>
        new(socketPath, await ShimConnection.OpenAsync(socketPath, cancellationToken));

    /// <summary>Creates the container of the shim's bundle, up to its start gate; returns the pid of its init.</summary>
    public async Task<int> CreateAsync(ShimCreateOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ShimReply reply = await ControlAsync(
            new ShimRequest
            {
                Op = ShimOperations.Create,
                StateRoot = options.StateRoot,
                Root = options.Root,
                Log = options.Log,
                OpenStdin = options.OpenStdin,
                StdinOnce = options.StdinOnce,
                ExitFile = options.ExitFile,
                OomWatch = options.OomWatch,
                Init = options.Init,
            },
            cancellationToken);
        return reply.Pid ?? 0;
    }

    /// <summary>Lets the created container run; returns after its execve succeeded.</summary>
    /// <exception cref="ShimException"><see cref="ShimErrorKind.ExecNotFound"/> or <see cref="ShimErrorKind.ExecDenied"/> for a bad command.</exception>
    public Task StartAsync(CancellationToken cancellationToken = default) =>
        ControlAsync(new ShimRequest { Op = ShimOperations.Start }, cancellationToken);

    /// <summary>
    /// Attaches to the container's streams. Attached before <see cref="StartAsync"/>, the stream misses no byte of output.
    /// The caller disposes the stream, which ends the attachment and nothing else.
    /// </summary>
    public async Task<ShimStream> AttachAsync(bool stdin, bool stdout, bool stderr, CancellationToken cancellationToken = default)
    {
        ShimRequest request = new() { Op = ShimOperations.Attach, Stdin = stdin, Stdout = stdout, Stderr = stderr };
        (ShimConnection connection, _) = await OpenAsync(request, cancellationToken);
        return connection.ToStream();
    }

    /// <summary>Starts an exec session; returns after its execve succeeded.</summary>
    /// <exception cref="ShimException"><see cref="ShimErrorKind.ExecNotFound"/> or <see cref="ShimErrorKind.ExecDenied"/> for a bad command.</exception>
    public async Task<ShimExecResult> ExecAsync(ShimExecOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ShimRequest request = new()
        {
            Op = ShimOperations.Exec,
            ExecId = options.ExecId,
            Process = options.Process,
            Stdin = options.Stdin,
            Stdout = options.Stdout,
            Stderr = options.Stderr,
            Detach = options.Detach,
        };
        (ShimConnection connection, ShimReply reply) = await OpenAsync(request, cancellationToken);
        if (!options.Detach)
        {
            return new ShimExecResult(reply.Pid ?? 0, connection.ToStream());
        }

        connection.Dispose();
        return new ShimExecResult(reply.Pid ?? 0, null);
    }

    /// <summary>Sets the terminal size of an exec session, or of the container when <paramref name="execId"/> is null.</summary>
    public Task ResizeAsync(string? execId, int rows, int cols, CancellationToken cancellationToken = default) =>
        ControlAsync(new ShimRequest { Op = ShimOperations.Resize, ExecId = execId, Rows = rows, Cols = cols }, cancellationToken);

    /// <summary>
    /// Sends a signal to the init, to an exec session (<paramref name="execId"/>) or to every process of the container (<paramref name="all"/>).
    /// SIGKILL of a paused container thaws it, since a frozen process does not die.
    /// </summary>
    public Task KillAsync(int signal, bool all = false, string? execId = null, CancellationToken cancellationToken = default) =>
        ControlAsync(new ShimRequest { Op = ShimOperations.Kill, Signal = signal, All = all, ExecId = execId }, cancellationToken);

    /// <summary>Freezes the container.</summary>
    public Task PauseAsync(CancellationToken cancellationToken = default) =>
        ControlAsync(new ShimRequest { Op = ShimOperations.Pause }, cancellationToken);

    /// <summary>Thaws the container.</summary>
    public Task ResumeAsync(CancellationToken cancellationToken = default) =>
        ControlAsync(new ShimRequest { Op = ShimOperations.Resume }, cancellationToken);

    /// <summary>Asks for the container's state and its exec sessions.</summary>
    public async Task<ShimState> StateAsync(CancellationToken cancellationToken = default)
    {
        ShimReply reply = await ControlAsync(new ShimRequest { Op = ShimOperations.State }, cancellationToken);
        return reply.State ?? new ShimState();
    }

    /// <summary>
    /// The container's events until its exit, which is the last one; an exit that already happened is given at once. The subscription stands
    /// when the first element is asked for. Ends without an exit event when the shim died: the exit file is then the only witness.
    /// </summary>
    public async IAsyncEnumerable<ShimEvent> SubscribeAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        (ShimConnection connection, _) = await OpenAsync(new ShimRequest { Op = ShimOperations.Subscribe }, cancellationToken);
        using (connection)
        {
            while (await connection.ReadLineAsync(cancellationToken) is { } line)
            {
                if (JsonSerializer.Deserialize(line.Span, ShimJsonContext.Default.ShimEvent) is { } occurrence)
                {
                    yield return occurrence;
                }
            }
        }
    }

    /// <summary>Kills what is left of the container, cleans up its cgroups and state, and ends the shim.</summary>
    public Task ShutdownAsync(CancellationToken cancellationToken = default) =>
        ControlAsync(new ShimRequest { Op = ShimOperations.Shutdown }, cancellationToken);

    /// <summary>
    /// Closes the request connection. Streams and subscriptions stay open. A request under way fails with <see cref="ShimErrorKind.Gone"/>; the
    /// semaphore is not disposed of, since it still has to let that request go, and holds nothing.
    /// </summary>
    public void Dispose() => _control?.Dispose();

    private async Task<ShimReply> ControlAsync(ShimRequest request, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        bool intact = false;
        try
        {
            _control ??= await ShimConnection.OpenAsync(_path, cancellationToken);
            ShimReply reply = await _control.RequestAsync(request, cancellationToken);
            intact = true;
            return reply;
        }
        catch (ShimException e) when (e.Kind != ShimErrorKind.Gone)
        {
            intact = true;
            throw;
        }
        catch (ObjectDisposedException e)
        {
            throw new ShimException(ShimErrorKind.Gone, $"the container ended before its shim answered \"{request.Op}\"", e);
        }
        finally
        {
            // A request that was given up half-way would leave its reply for the next one to read.
            if (!intact)
            {
                _control?.Dispose();
                _control = null;
            }

            _turn.Release();
        }
    }

    private async Task<(ShimConnection Connection, ShimReply Reply)> OpenAsync(ShimRequest request, CancellationToken cancellationToken)
    {
        ShimConnection connection = await ShimConnection.OpenAsync(_path, cancellationToken);
        ShimReply? reply = null;
        try
        {
            reply = await connection.RequestAsync(request, cancellationToken);
            return (connection, reply);
        }
        finally
        {
            if (reply is null)
            {
                connection.Dispose();
            }
        }
    }
}
