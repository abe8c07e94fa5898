using Tare.Docker.Documents;
using Tare.Registry;

namespace Tare.Docker.Streams;

/// <summary>Writes the steps of a pull or a push to a progress stream, in their order: <see cref="Progress{T}"/> would hand them to the thread pool, which loses it.</summary>
/// <param name="stream">The stream.</param>
internal sealed class PullReporter(ProgressStream stream) : IProgress<PullProgress>
{
    /// <inheritdoc/>
    public void Report(PullProgress value) => stream.Report(Line(value));

    /// <summary>The line of a step.</summary>
    public static ProgressDocument Line(PullProgress step) => new()
    {
        Status = step.Status,
        ProgressDetail = step.Id is null ? null : new ProgressDetailDocument(step.Current, step.Total),
        Progress = step.Id is null ? null : ProgressText.Draw(step.Current, step.Total),
        Id = step.Id,
    };
}
