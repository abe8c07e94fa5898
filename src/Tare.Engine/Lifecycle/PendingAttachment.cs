using Tare.Engine.Containers;

namespace Tare.Engine.Lifecycle;

/// <summary>A client that attached before the start. It gets its streams between the creation of the process and its start, so that it misses nothing.</summary>
/// <param name="options">Which streams.</param>
internal sealed class PendingAttachment(AttachOptions options)
{
    /// <summary>Which streams.</summary>
    public AttachOptions Options { get; } = options;

    /// <summary>Completes with the attachment; with null when there will be none.</summary>
    public TaskCompletionSource<Attachment?> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
