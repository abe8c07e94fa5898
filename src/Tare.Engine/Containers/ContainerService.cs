using Tare.Engine.Explain;
using Tare.Engine.Logs;

namespace Tare.Engine.Containers;

/// <summary>
/// Containers. Where a method takes <c>container</c>, it is an id, a unique prefix of one, or a name with or without a leading slash; an unknown one is
/// an <see cref="Errors.EngineException"/> of class NotFound with Docker's text.
/// </summary>
public sealed partial class ContainerService
{
    private readonly Errors.EngineException _pending = new(Errors.ErrorClass.NotImplemented, "not yet");

    /// <summary>Creates a container; nothing runs yet. The image must be there.</summary>
    /// <exception cref="Errors.EngineException">NotFound: no such image. Conflict: the name is in use. InvalidArgument: a setting is wrong.</exception>
    /// <param name="request">What is asked for.</param>
    /// <param name="cancellationToken">Gives up and undoes.</param>
    public Task<CreatedContainer> CreateAsync(CreateContainerRequest request, CancellationToken cancellationToken) => throw _pending;

    /// <summary>Starts a container; returns when its command was executed.</summary>
    /// <exception cref="Errors.EngineException">NotModified: it runs. InvalidArgument: the command cannot be executed (Docker's texts, by which its client finds 126 and 127).</exception>
    /// <param name="container">Which.</param>
    /// <param name="cancellationToken">Gives up waiting; the start itself is completed or undone.</param>
    public Task StartAsync(string container, CancellationToken cancellationToken) => throw _pending;

    /// <summary>Stops a container: its stop signal, then SIGKILL after the timeout.</summary>
    /// <param name="container">Which.</param>
    /// <param name="timeoutSeconds">Seconds before SIGKILL; null means the container's (10), -1 waits for ever.</param>
    /// <param name="signal">Instead of the container's stop signal; null for that.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>False when it did not run.</returns>
    public Task<bool> StopAsync(string container, int? timeoutSeconds, string? signal, CancellationToken cancellationToken) => throw _pending;

    /// <summary>Stops (if it runs) and starts a container.</summary>
    /// <param name="container">Which.</param>
    /// <param name="timeoutSeconds">As for <see cref="StopAsync"/>.</param>
    /// <param name="signal">As for <see cref="StopAsync"/>.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public Task RestartAsync(string container, int? timeoutSeconds, string? signal, CancellationToken cancellationToken) => throw _pending;

    /// <summary>Sends a signal to a running container's init. For SIGKILL it returns when the container has ended.</summary>
    /// <exception cref="Errors.EngineException">Conflict: it does not run. InvalidArgument: no such signal.</exception>
    /// <param name="container">Which.</param>
    /// <param name="signal">Name with or without SIG, or number; null or empty means SIGKILL.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public Task KillAsync(string container, string? signal, CancellationToken cancellationToken) => throw _pending;

    /// <summary>Freezes a running container.</summary>
    /// <param name="container">Which.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public Task PauseAsync(string container, CancellationToken cancellationToken) => throw _pending;

    /// <summary>Thaws a paused container.</summary>
    /// <param name="container">Which.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public Task UnpauseAsync(string container, CancellationToken cancellationToken) => throw _pending;

    /// <summary>Gives a container another name.</summary>
    /// <param name="container">Which.</param>
    /// <param name="newName">The name, with or without a leading slash.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task RenameAsync(string container, string newName, CancellationToken cancellationToken) => throw _pending;

    /// <summary>Removes a container with its log and writable layer.</summary>
    /// <exception cref="Errors.EngineException">Conflict: it runs and <paramref name="force"/> is false.</exception>
    /// <param name="container">Which.</param>
    /// <param name="force">Whether a running one is killed.</param>
    /// <param name="volumes">Whether its anonymous volumes go too.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public Task RemoveAsync(string container, bool force, bool volumes, CancellationToken cancellationToken) => throw _pending;

    /// <summary>
    /// Waits for a container's end. The outer task ends when the wait is armed (a door then sends its headers), the inner one with the result.
    /// </summary>
    /// <param name="container">Which.</param>
    /// <param name="condition">What to wait for.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<Task<WaitResult>> WaitAsync(string container, WaitCondition condition, CancellationToken cancellationToken) => throw _pending;

    /// <summary>Finds a container.</summary>
    /// <exception cref="Errors.EngineException">NotFound: no such container. InvalidArgument: the prefix is ambiguous.</exception>
    /// <param name="container">Which.</param>
    public ContainerSnapshot Find(string container) => throw _pending;

    /// <summary>Lists containers, the newest first.</summary>
    /// <exception cref="Errors.EngineException">InvalidArgument: a filter is wrong.</exception>
    /// <param name="filter">Which of them.</param>
    public IReadOnlyList<ContainerSnapshot> List(ContainerFilter filter) => throw _pending;

    /// <summary>Removes all containers that do not run.</summary>
    /// <param name="filters">Docker's filters: label, until.</param>
    /// <param name="cancellationToken">Gives up between two.</param>
    /// <returns>Their ids.</returns>
    public Task<IReadOnlyList<string>> PruneAsync(IReadOnlyDictionary<string, IReadOnlyList<string>> filters, CancellationToken cancellationToken) => throw _pending;

    /// <summary>Bytes of the container's writable layer. Walks the layer.</summary>
    /// <param name="container">Which.</param>
    public long SizeOfWritableLayer(string container) => throw _pending;

    /// <summary>Bytes of the container's image layers.</summary>
    /// <param name="container">Which.</param>
    public long SizeOfImage(string container) => throw _pending;

    /// <summary>Reads a container's log. Unknown containers and unreadable log drivers fail at the call, not at the first entry.</summary>
    /// <param name="container">Which.</param>
    /// <param name="options">Which part.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public IAsyncEnumerable<LogEntry> LogsAsync(string container, LogOptions options, CancellationToken cancellationToken) => throw _pending;

    /// <summary>Attaches to a container's streams. A container that was created and not started yet is attached at its start: nothing is missed.</summary>
    /// <exception cref="Errors.EngineException">Conflict: it is paused, or it ended.</exception>
    /// <param name="container">Which.</param>
    /// <param name="options">Which streams.</param>
    /// <param name="cancellationToken">Gives up waiting for the start.</param>
    /// <returns>The outer task ends when the attachment is armed (a door then sends its headers), the inner one with the streams; null when the container ended before.</returns>
    public Task<Task<Attachment?>> AttachAsync(string container, AttachOptions options, CancellationToken cancellationToken) => throw _pending;

    /// <summary>Sets the size of a container's terminal.</summary>
    /// <param name="container">Which.</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public Task ResizeAsync(string container, int height, int width, CancellationToken cancellationToken) => throw _pending;

    /// <summary>Lists the processes of a running container.</summary>
    /// <param name="container">Which.</param>
    /// <param name="psArgs">Arguments of ps; null or empty means <c>-ef</c>.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public Task<TopResult> TopAsync(string container, string? psArgs, CancellationToken cancellationToken) => throw _pending;

    /// <summary>Tells what a container is made of.</summary>
    /// <param name="container">Which.</param>
    public ContainerExplanation Explain(string container) => throw _pending;
}
