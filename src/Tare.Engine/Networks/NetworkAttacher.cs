using System.Text;
using Tare.Engine.Containers;
using Tare.Engine.Errors;
using Tare.Engine.Lifecycle;
using Tare.Engine.Validation;

namespace Tare.Engine.Networks;

/// <summary>Gives a container its network: the files before its process is made, the interfaces between its making and its start.</summary>
/// <param name="paths">Where containers lie.</param>
internal sealed class NetworkAttacher(EnginePaths paths)
{
    /// <summary>The endpoints that a request asks for, by network name.</summary>
    /// <exception cref="EngineException">NotFound: no such network.</exception>
    public Dictionary<string, EndpointSettings> Endpoints(HostConfig host, NetworkingConfig? networking)
    {
        if (Modes.IsContainer(host.NetworkMode, out _))
        {
            return [];
        }

        if (Modes.IsUserNetwork(host.NetworkMode))
        {
            throw new EngineException(ErrorClass.NotFound, $"failed to set up container networking: network {host.NetworkMode} not found");
        }

        EndpointSettings settings = networking?.EndpointsConfig?.GetValueOrDefault(host.NetworkMode)
            ?? networking?.EndpointsConfig?.GetValueOrDefault("default") ?? new EndpointSettings();
        settings.NetworkID = NetworkIds.Of(paths.DataRoot, host.NetworkMode);
        return new() { [host.NetworkMode] = settings };
    }

    /// <summary>Writes the files of a container.</summary>
    /// <param name="container">The container.</param>
    /// <param name="joined">The container whose network it joins; null for none.</param>
    public NetworkFiles WriteFiles(Container container, Container? joined)
    {
        if (joined is not null)
        {
            string other = paths.Container(joined.Id);
            return new NetworkFiles(other + "/hosts", other + "/hostname", other + "/resolv.conf");
        }

        string folder = paths.Container(container.Id);
        ContainerConfig config = container.Document.Config;
        File.WriteAllText(folder + "/hostname", config.Hostname + "\n");
        File.WriteAllText(folder + "/hosts", Hosts(container, address: null));
        File.WriteAllBytes(folder + "/resolv.conf", File.Exists("/etc/resolv.conf") ? File.ReadAllBytes("/etc/resolv.conf") : []);
        return new NetworkFiles(folder + "/hosts", folder + "/hostname", folder + "/resolv.conf");
    }

    /// <summary>Adds addresses to what is told about the default bridge.</summary>
    public static NetworkSnapshot Describe(NetworkSnapshot bridge) => bridge with { Options = new Dictionary<string, string> { ["com.docker.network.bridge.default_bridge"] = "true" } };

    private static string Hosts(Container container, string? address)
    {
        StringBuilder text = new();
        text.Append("127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::\tip6-localnet\nff00::\tip6-mcastprefix\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n");
        foreach (string host in container.Document.HostConfig.ExtraHosts ?? [])
        {
            int colon = host.IndexOf(':', StringComparison.Ordinal);
            text.Append(host, colon + 1, host.Length - colon - 1).Append('\t').Append(host, 0, colon).Append('\n');
        }

        if (address is not null)
        {
            text.Append(address).Append('\t').Append(container.Document.Config.Hostname).Append('\n');
        }

        return text.ToString();
    }
}
