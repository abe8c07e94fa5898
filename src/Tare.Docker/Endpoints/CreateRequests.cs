using System.Text.Json;
using Tare.Docker.Documents;
using Tare.Docker.Routing;
using Tare.Engine.Containers;
using Tare.Engine.Errors;

namespace Tare.Docker.Endpoints;

/// <summary>Reads the body of container create, which holds the configuration and two documents beside it on one level.</summary>
internal static class CreateRequests
{
    /// <summary>Reads a body.</summary>
    /// <exception cref="EngineException">InvalidArgument: it is malformed, or has no configuration.</exception>
    /// <param name="body">The JSON.</param>
    /// <param name="name">Name of the container; null or empty for a generated one.</param>
    /// <param name="platform">Platform; null or empty for the machine's.</param>
    public static CreateContainerRequest Parse(ReadOnlySpan<byte> body, string? name, string? platform)
    {
        ContainerConfig config = BodyParser.Parse(body, ApiRequest.Json.ContainerConfig);
        CreateContainerDocument beside = BodyParser.Parse(body, ApiRequest.Json.CreateContainerDocument);
        if (!HasConfiguration(body))
        {
            throw new EngineException(ErrorClass.InvalidArgument, "config cannot be empty in order to create a container");
        }

        return new CreateContainerRequest
        {
            Name = string.IsNullOrEmpty(name) ? null : name,
            Config = config,
            HostConfig = beside.HostConfig,
            NetworkingConfig = beside.NetworkingConfig,
            Platform = string.IsNullOrEmpty(platform) ? null : platform,
        };
    }

    private static bool HasConfiguration(ReadOnlySpan<byte> body)
    {
        Utf8JsonReader reader = new(body);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string property = reader.GetString()!;
            if (!property.Equals("HostConfig", StringComparison.OrdinalIgnoreCase) && !property.Equals("NetworkingConfig", StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }

            reader.Read();
            reader.Skip();
        }

        return false;
    }
}
