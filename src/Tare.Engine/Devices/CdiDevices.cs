using System.Text.Json;

namespace Tare.Engine.Devices;

/// <summary>
/// The devices that the machine's CDI files offer. Files are read when a container asks for a device, so that a driver that was installed meanwhile is found. Where two folders
/// have a device of the same name, the later folder's counts; within one folder neither does, as the specification wants it.
/// </summary>
internal sealed class CdiDevices
{
    private readonly Dictionary<string, (CdiDocument File, CdiDevice Device)> _devices = new(StringComparer.Ordinal);
    private readonly List<string> _faults = [];

    private CdiDevices()
    {
    }

    /// <summary>Files that cannot be read, each with its reason.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <summary>Full names of all devices: <c>vendor/class=name</c>.</summary>
    public IEnumerable<string> Names => _devices.Keys.Order(StringComparer.Ordinal);

    /// <summary>Reads the files of folders; one that is missing holds none.</summary>
    public static CdiDevices Read(IEnumerable<string> folders)
    {
        CdiDevices found = new();
        foreach (string folder in folders.Where(Directory.Exists))
        {
            found.ReadFolder(folder);
        }

        return found;
    }

    /// <summary>Finds a device with the file that has it; null when there is none.</summary>
    public (CdiDocument File, CdiDevice Device)? TryFind(string name) => _devices.TryGetValue(name, out (CdiDocument, CdiDevice) device) ? device : null;

    /// <summary>Reads the text of one file, JSON or YAML.</summary>
    /// <exception cref="FormatException">It is malformed.</exception>
    public static CdiDocument Parse(string text, bool isYaml)
    {
        try
        {
            CdiDocument? read = isYaml ? YamlJson.Read(text).Deserialize(CdiJson.Default.CdiDocument) : JsonSerializer.Deserialize(text, CdiJson.Default.CdiDocument);
            CdiDocument document = read ?? new CdiDocument();
            return document.Kind.Split('/') is [{ Length: > 0 }, { Length: > 0 }] ? document : throw new FormatException($"kind \"{document.Kind}\" is not vendor/class");
        }
        catch (JsonException e)
        {
            throw new FormatException(e.Message, e);
        }
    }

    private void ReadFolder(string folder)
    {
        Dictionary<string, (CdiDocument, CdiDevice)> here = new(StringComparer.Ordinal);
        HashSet<string> doubles = [];
        foreach (string path in Directory.EnumerateFiles(folder).Where(p => Path.GetExtension(p) is ".json" or ".yaml" or ".yml").Order(StringComparer.Ordinal))
        {
            try
            {
                CdiDocument document = Parse(File.ReadAllText(path), Path.GetExtension(path) != ".json");
                foreach (CdiDevice device in document.Devices ?? [])
                {
                    string name = $"{document.Kind}={device.Name}";
                    if (!here.TryAdd(name, (document, device)))
                    {
                        doubles.Add(name);
                    }
                }
            }
            catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
            {
                _faults.Add($"{path}: {e.Message}");
            }
        }

        foreach ((string name, (CdiDocument, CdiDevice) device) in here)
        {
            if (doubles.Contains(name))
            {
                _devices.Remove(name);
                _faults.Add($"{folder}: device {name} is there twice");
            }
            else
            {
                _devices[name] = device;
            }
        }
    }
}
