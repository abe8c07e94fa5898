using System.Collections.Concurrent;
using System.Text.Json;
using Tare.Engine.Errors;

namespace Tare.Engine.Volumes.Plugins;

/// <summary>
/// Finds volume plugins where Docker does: sockets <c>NAME.sock</c> below <c>/run/docker/plugins</c>, and files <c>NAME.spec</c> (an address) or <c>NAME.json</c> below
/// <c>/etc/docker/plugins</c> and <c>/usr/lib/docker/plugins</c>. Each is looked for when it is named, so that one that starts later is found.
/// </summary>
internal sealed class VolumePlugins : IDisposable
{
    private const string SocketFolder = "/run/docker/plugins";
    private static readonly string[] s_specificationFolders = ["/etc/docker/plugins", "/usr/lib/docker/plugins"];
    private readonly ConcurrentDictionary<string, (Uri Address, PluginTls? Tls, VolumePlugin Plugin)> _known = new(StringComparer.Ordinal);

    /// <summary>Finds a plugin.</summary>
    /// <exception cref="EngineException">NotFound: there is none, in dockerd's words. InvalidArgument: its file is wrong.</exception>
    public VolumePlugin Find(string name)
    {
        (Uri address, PluginTls? tls) = PlaceOf(name) ?? throw new EngineException(ErrorClass.NotFound, $"error looking up volume plugin {name}: plugin \"{name}\" not found");
        (Uri Address, PluginTls? Tls, VolumePlugin Plugin) known = _known.GetOrAdd(name, _ => (address, tls, new VolumePlugin(name, address, tls)));
        if (known.Address != address || known.Tls != tls)
        {
            known = _known[name] = (address, tls, new VolumePlugin(name, address, tls));
        }

        return known.Plugin;
    }

    /// <summary>The names of all plugins that are there, of whatever kind.</summary>
    public static IReadOnlyList<string> Names() =>
        [.. Files(SocketFolder, ".sock").Concat(s_specificationFolders.SelectMany(folder => Files(folder, ".spec").Concat(Files(folder, ".json")))).Distinct().Order(StringComparer.Ordinal)];

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((_, _, VolumePlugin plugin) in _known.Values)
        {
            plugin.Dispose();
        }
    }

    private static IEnumerable<string> Files(string folder, string extension)
    {
        if (!Directory.Exists(folder))
        {
            return [];
        }

        // A socket may stand in a folder of its plugin's name.
        return Directory.EnumerateFileSystemEntries(folder)
            .Where(path => Path.GetExtension(path) == extension || (extension == ".sock" && File.Exists($"{path}/{Path.GetFileName(path)}.sock")))
            .Select(path => Path.GetExtension(path) == extension ? Path.GetFileNameWithoutExtension(path) : Path.GetFileName(path));
    }

    private static (Uri Address, PluginTls? Tls)? PlaceOf(string name)
    {
        if (name.Length == 0 || name.Contains('/', StringComparison.Ordinal) || name is "." or "..")
        {
            return null;
        }

        foreach (string socket in (ReadOnlySpan<string>)[$"{SocketFolder}/{name}.sock", $"{SocketFolder}/{name}/{name}.sock"])
        {
            if (File.Exists(socket))
            {
                return (new Uri("unix://" + socket), null);
            }
        }

        foreach (string folder in s_specificationFolders)
        {
            if (File.Exists($"{folder}/{name}.spec"))
            {
                return (Parse(name, File.ReadAllText($"{folder}/{name}.spec").Trim()), null);
            }

            if (File.Exists($"{folder}/{name}.json"))
            {
                return ParseJson(name, $"{folder}/{name}.json");
            }
        }

        return null;
    }

    private static (Uri Address, PluginTls? Tls) ParseJson(string name, string path)
    {
        try
        {
            PluginPlace place = JsonSerializer.Deserialize(File.ReadAllBytes(path), PluginJson.Default.PluginPlace) ?? new PluginPlace();
            return (Parse(name, place.Addr ?? ""), place.TlsConfig);
        }
        catch (JsonException e)
        {
            throw new EngineException(ErrorClass.InvalidArgument, $"plugin \"{name}\": {path} is malformed: {e.Message}", e);
        }
    }

    private static Uri Parse(string name, string address)
    {
        string text = address.StartsWith('/') ? "unix://" + address : address.StartsWith("http", StringComparison.Ordinal) ? "tcp" + address[address.IndexOf(':', StringComparison.Ordinal)..] : address;
        return Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri.Scheme is "unix" or "tcp"
            ? uri
            : throw new EngineException(ErrorClass.InvalidArgument, $"plugin \"{name}\": unknown address \"{address}\": unix:///path or tcp://host:port is expected");
    }
}
