namespace Tare.Engine.Containers;

/// <summary>The networks that a container joins when it is created.</summary>
public sealed class NetworkingConfig
{
    /// <summary>Network name or id to endpoint settings.</summary>
    public Dictionary<string, EndpointSettings?>? EndpointsConfig { get; set; }
}
