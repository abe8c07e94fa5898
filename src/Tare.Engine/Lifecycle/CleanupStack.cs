using Microsoft.Extensions.Logging;

namespace Tare.Engine.Lifecycle;

/// <summary>
/// What must be undone when a flow of several steps fails: every step pushes its undoing right after its doing, and disposing undoes in reverse order unless
/// <see cref="Keep"/> was called. A failing undo is logged and never hides the error that led to it.
/// </summary>
/// <param name="log">Takes failures of undos.</param>
/// <param name="subject">What the flow is about, for the log.</param>
internal sealed class CleanupStack(ILogger log, string subject) : IAsyncDisposable
{
    private readonly Stack<Func<Task>> _undos = new();

    /// <summary>Adds an undo.</summary>
    public void Push(Func<Task> undo) => _undos.Push(undo);

    /// <summary>Adds an undo.</summary>
    public void Push(Action undo) => _undos.Push(() =>
    {
        undo();
        return Task.CompletedTask;
    });

    /// <summary>The flow succeeded: nothing will be undone.</summary>
    public void Keep() => _undos.Clear();

    /// <summary>Undoes.</summary>
    public async ValueTask DisposeAsync()
    {
        while (_undos.TryPop(out Func<Task>? undo))
        {
            try
            {
                await undo();
            }
#pragma warning disable CA1031 // boundary: the error that led here is the one to be seen
            catch (Exception e)
#pragma warning restore CA1031
            {
                Log.UndoFailed(log, subject, e);
            }
        }
    }
}
