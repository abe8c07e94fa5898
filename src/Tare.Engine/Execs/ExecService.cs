using Tare.Engine.Containers;

namespace Tare.Engine.Execs;

/// <summary>Further processes in running containers.</summary>
public sealed partial class ExecService
{
    private readonly Errors.EngineException _pending = new(Errors.ErrorClass.NotImplemented, "not yet");

    /// <summary>Prepares an exec session; nothing runs yet.</summary>
    /// <exception cref="Errors.EngineException">NotFound: no such container. Conflict: it does not run or is paused. InvalidArgument: no command.</exception>
    /// <param name="container">Id, prefix or name of the container.</param>
    /// <param name="config">What to run.</param>
    /// <returns>Id of the session.</returns>
    public string Create(string container, ExecConfig config) => throw _pending;

    /// <summary>Runs a session's process; returns when its command was executed.</summary>
    /// <exception cref="Errors.EngineException">NotFound, Conflict, or InvalidArgument when the command cannot be executed (Docker's texts).</exception>
    /// <param name="execId">The session.</param>
    /// <param name="detach">Whether nobody is attached.</param>
    /// <param name="tty">Whether the client expects a terminal; null takes the session's.</param>
    /// <param name="consoleSize">Height and width of the terminal; null takes the session's.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The streams; null when detached.</returns>
    public Task<Attachment?> StartAsync(string execId, bool detach, bool? tty, uint[]? consoleSize, CancellationToken cancellationToken) => throw _pending;

    /// <summary>Finds a session.</summary>
    /// <exception cref="Errors.EngineException">NotFound: no such exec instance.</exception>
    /// <param name="execId">The session.</param>
    public ExecSnapshot Inspect(string execId) => throw _pending;

    /// <summary>Sets the size of a session's terminal.</summary>
    /// <param name="execId">The session.</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public Task ResizeAsync(string execId, int height, int width, CancellationToken cancellationToken) => throw _pending;
}
