namespace Tare.Engine.Images;

/// <summary>
/// Images. Where a method takes <c>name</c>, it is a reference with or without tag or digest, an id, or a unique prefix of one; an unknown one is
/// an <see cref="Errors.EngineException"/> of class NotFound with Docker's text.
/// </summary>
public sealed partial class ImageService
{
    private readonly Errors.EngineException _pending = new(Errors.ErrorClass.NotImplemented, "not yet");

    /// <summary>Makes an image of one layer from a tar of a root file system, compressed or not.</summary>
    /// <exception cref="Errors.EngineException">InvalidArgument: the name or a change is wrong. DataLoss: the tar is corrupt.</exception>
    /// <param name="archive">The tar.</param>
    /// <param name="repository">Name to give it, without tag; null or empty gives none.</param>
    /// <param name="tag">Tag; null or empty means latest.</param>
    /// <param name="changes">Dockerfile instructions: CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, STOPSIGNAL, USER, VOLUME, WORKDIR …</param>
    /// <param name="message">The image's comment; null or empty means Docker's.</param>
    /// <param name="platform">Platform as <c>os/arch[/variant]</c>; null means this machine's.</param>
    /// <param name="cancellationToken">Gives up and undoes.</param>
    /// <returns>The image's id.</returns>
    public Task<string> ImportAsync(Stream archive, string? repository, string? tag, IReadOnlyList<string> changes, string? message, string? platform, CancellationToken cancellationToken) => throw _pending;

    /// <summary>Lists images, the newest first.</summary>
    /// <exception cref="Errors.EngineException">InvalidArgument: a filter is wrong.</exception>
    /// <param name="filter">Which of them.</param>
    public IReadOnlyList<ImageSummary> List(ImageFilter filter) => throw _pending;

    /// <summary>Tells all about an image.</summary>
    /// <param name="name">Which.</param>
    public ImageDetails Inspect(string name) => throw _pending;

    /// <summary>Tells how an image was made, the newest step first.</summary>
    /// <param name="name">Which.</param>
    public IReadOnlyList<ImageHistoryEntry> History(string name) => throw _pending;

    /// <summary>Gives an image a further name; a name that another image had moves.</summary>
    /// <param name="name">Which.</param>
    /// <param name="repository">The new name without tag.</param>
    /// <param name="tag">The tag; null or empty means latest.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task TagAsync(string name, string repository, string? tag, CancellationToken cancellationToken) => throw _pending;

    /// <summary>Removes a name, and the image with its layers when it was the last one.</summary>
    /// <exception cref="Errors.EngineException">Conflict: containers use it, or an id has several names (Docker's texts).</exception>
    /// <param name="name">Which.</param>
    /// <param name="force">Whether names and stopped containers do not hinder.</param>
    /// <param name="noPrune">Whether only the name goes.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<IReadOnlyList<ImageRemoval>> RemoveAsync(string name, bool force, bool noPrune, CancellationToken cancellationToken) => throw _pending;

    /// <summary>Removes images that no container uses.</summary>
    /// <param name="filters">Docker's filters: dangling (default true), label, until.</param>
    /// <param name="cancellationToken">Gives up between two.</param>
    /// <returns>What went, and the bytes that came free.</returns>
    public Task<(IReadOnlyList<ImageRemoval> Removed, long Bytes)> PruneAsync(IReadOnlyDictionary<string, IReadOnlyList<string>> filters, CancellationToken cancellationToken) => throw _pending;
}
