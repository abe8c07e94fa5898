using Tare.Engine.Containers;

namespace Tare.Engine.Logs;

/// <summary>What log drivers tell about the container whose entries they send.</summary>
/// <param name="Id">64 hexadecimal digits.</param>
/// <param name="Name">Its name, without a slash.</param>
/// <param name="ImageId">Id of its image.</param>
/// <param name="Created">When it was created.</param>
/// <param name="Words">The words that it executes.</param>
/// <param name="Config">Its configuration.</param>
/// <param name="Log">Its log configuration.</param>
internal sealed record LogSubject(string Id, string Name, string ImageId, DateTimeOffset Created, IReadOnlyList<string> Words, ContainerConfig Config, LogConfig Log)
{
    /// <summary>The first digits of the id.</summary>
    public string ShortId => Id[..12];

    /// <summary>The command in a line.</summary>
    public string Command => string.Join(' ', Words);

    /// <summary>The subject of a container.</summary>
    public static LogSubject Of(ContainerSnapshot container) => new(
        container.Id, container.Name, container.ImageId, container.Created, [container.Path, .. container.Args], container.Config, container.HostConfig.LogConfig!);
}
