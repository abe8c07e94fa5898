using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tare.Engine.Check;
using Tare.Engine.Containers;
using Tare.Engine.Execs;
using Tare.Engine.Explain;

namespace Tare.Docker.Documents;

/// <summary>Serialiser of the API's documents.</summary>
[JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true)]
[JsonSerializable(typeof(ErrorDocument))]
[JsonSerializable(typeof(VersionDocument))]
[JsonSerializable(typeof(InfoDocument))]
[JsonSerializable(typeof(ContainerConfig))]
[JsonSerializable(typeof(CreateContainerDocument))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(CreatedContainerDocument))]
[JsonSerializable(typeof(ContainerDocument))]
[JsonSerializable(typeof(List<ContainerSummaryDocument>))]
[JsonSerializable(typeof(WaitDocument))]
[JsonSerializable(typeof(TopDocument))]
[JsonSerializable(typeof(HostConfig))]
[JsonSerializable(typeof(UpdateContainerDocument))]
[JsonSerializable(typeof(ContainersPrunedDocument))]
[JsonSerializable(typeof(ContainerExplanation))]
[JsonSerializable(typeof(CheckReport))]
[JsonSerializable(typeof(ExecConfig))]
[JsonSerializable(typeof(ExecStartDocument))]
[JsonSerializable(typeof(ExecDocument))]
[JsonSerializable(typeof(IdDocument))]
[JsonSerializable(typeof(List<ImageSummaryDocument>))]
[JsonSerializable(typeof(ImageDocument))]
[JsonSerializable(typeof(List<ImageHistoryDocument>))]
[JsonSerializable(typeof(List<ImageRemovalDocument>))]
[JsonSerializable(typeof(ImagesPrunedDocument))]
[JsonSerializable(typeof(ProgressDocument))]
[JsonSerializable(typeof(NetworkDocument))]
[JsonSerializable(typeof(List<NetworkDocument>))]
[JsonSerializable(typeof(NetworksPrunedDocument))]
[JsonSerializable(typeof(BuildCachePrunedDocument))]
[JsonSerializable(typeof(VolumeDocument))]
[JsonSerializable(typeof(VolumeListDocument))]
[JsonSerializable(typeof(CreateVolumeDocument))]
[JsonSerializable(typeof(VolumesPrunedDocument))]
[JsonSerializable(typeof(EventDocument))]
[JsonSerializable(typeof(AuthRequestDocument))]
[JsonSerializable(typeof(AuthDocument))]
[JsonSerializable(typeof(DiskUsageDocument))]
[JsonSerializable(typeof(List<SearchResultDocument>))]
[JsonSerializable(typeof(DistributionDocument))]
[JsonSerializable(typeof(PathStatDocument))]
[JsonSerializable(typeof(List<ChangeDocument>))]
internal sealed partial class DockerJson : JsonSerializerContext
{
    /// <summary>Writes only what JSON itself forbids as escape sequences, so that answers are as readable as Docker's.</summary>
    public static DockerJson Relaxed { get; } = new(new JsonSerializerOptions
    {
        PropertyNameCaseInsensitive = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
