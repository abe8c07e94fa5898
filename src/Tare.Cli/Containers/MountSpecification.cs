using System.Globalization;
using System.Text.Json;
using Tare.Cli.CommandLine;

namespace Tare.Cli.Containers;

/// <summary>A file system that <c>--mount</c> attaches: comma-separated fields in the form of a CSV line.</summary>
internal sealed class MountSpecification
{
    private readonly List<string> _labels = [];
    private readonly List<string> _driverOptions = [];

    /// <summary>bind, volume, tmpfs, image or npipe.</summary>
    public string Type { get; private set; } = "volume";

    /// <summary>The folder of the host, or the name of the volume or image.</summary>
    public string Source { get; private set; } = string.Empty;

    /// <summary>Where it appears in the container.</summary>
    public string Target { get; private set; } = string.Empty;

    /// <summary>Whether it is mounted read-only.</summary>
    public bool ReadOnly { get; private set; }

    private string? Consistency { get; set; }

    private string? Propagation { get; set; }

    private bool NonRecursive { get; set; }
    private bool ReadOnlyNonRecursive { get; set; }
    private bool ReadOnlyForceRecursive { get; set; }

    private bool CreateMountpoint { get; set; }

    private string? Subpath { get; set; }

    private bool NoCopy { get; set; }

    private string? Driver { get; set; }

    private long? TmpfsSizeBytes { get; set; }

    private long? TmpfsMode { get; set; }

    /// <summary>Reads the fields.</summary>
    /// <exception cref="FormatException">A field is unknown or bad, or the target is missing.</exception>
    public static MountSpecification Parse(string text)
    {
        MountSpecification mount = new();
        foreach (string field in CsvLine.Split(text))
        {
            int equals = field.IndexOf('=', StringComparison.Ordinal);
            string key = (equals < 0 ? field : field[..equals]).ToLowerInvariant();
            string? value = equals < 0 ? null : field[(equals + 1)..];
            if (value is null && key is not ("readonly" or "ro" or "volume-nocopy" or "bind-nonrecursive" or "bind-create-mountpoint"))
            {
                throw new FormatException($"invalid field '{field}' must be a key=value pair");
            }

            mount.Set(key, value ?? "true", field);
        }

        mount.Check();
        return mount;
    }

    /// <summary>Writes the mount as the Engine API has it.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString(nameof(Type), Type);
        if (Source.Length > 0)
        {
            json.WriteString(nameof(Source), Source);
        }

        json.WriteString(nameof(Target), Target);
        if (ReadOnly)
        {
            json.WriteBoolean(nameof(ReadOnly), true);
        }

        if (Consistency is not null)
        {
            json.WriteString(nameof(Consistency), Consistency);
        }

        WriteOptions(json);
        json.WriteEndObject();
    }

    private void Set(string key, string value, string field)
    {
        switch (key)
        {
            case "type": Type = value.ToLowerInvariant(); break;
            case "source" or "src": Source = value.StartsWith("./", StringComparison.Ordinal) || value == "." ? Path.GetFullPath(value) : value; break;
            case "target" or "dst" or "destination": Target = value; break;
            case "readonly" or "ro": ReadOnly = Boolean(key, value); break;
            case "consistency": Consistency = value.ToLowerInvariant(); break;
            case "bind-propagation": Propagation = value.ToLowerInvariant(); break;
            case "bind-nonrecursive": NonRecursive = Boolean(key, value); break;
            case "bind-recursive": SetRecursion(value); break;
            case "bind-create-mountpoint": CreateMountpoint = Boolean(key, value); break;
            case "volume-subpath" or "image-subpath": Subpath = value; break;
            case "volume-nocopy": NoCopy = Boolean(key, value); break;
            case "volume-label": _labels.Add(value); break;
            case "volume-driver": Driver = value; break;
            case "volume-opt": _driverOptions.Add(value); break;
            case "tmpfs-size": TmpfsSizeBytes = Size(key, value); break;
            case "tmpfs-mode": TmpfsMode = Octal(key, value); break;
            default: throw new FormatException($"unexpected key '{key}' in '{field}'");
        }
    }

    private void SetRecursion(string value)
    {
        switch (value)
        {
            case "enabled": break;
            case "disabled": NonRecursive = true; break;
            case "writable": ReadOnlyNonRecursive = true; break;
            case "readonly": ReadOnlyForceRecursive = true; break;
            default: throw new FormatException($"invalid value for bind-recursive: {value} (must be \"enabled\", \"disabled\", \"writable\", or \"readonly\")");
        }
    }

    private void CheckRecursion()
    {
        if (!ReadOnly && (ReadOnlyNonRecursive || ReadOnlyForceRecursive))
        {
            throw new FormatException($"option 'bind-recursive={(ReadOnlyForceRecursive ? "readonly" : "writable")}' requires 'readonly' to be specified in conjunction");
        }

        if (ReadOnlyForceRecursive && Propagation != "rprivate")
        {
            throw new FormatException("option 'bind-recursive=readonly' requires 'bind-propagation=rprivate' to be specified in conjunction");
        }
    }

    private void Check()
    {
        if (Type.Length == 0)
        {
            throw new FormatException("type is required");
        }

        if (Target.Length == 0)
        {
            throw new FormatException("target is required");
        }

        CheckRecursion();
        if (Type != "bind" && (Propagation is not null || NonRecursive || ReadOnlyNonRecursive || ReadOnlyForceRecursive))
        {
            throw new FormatException($"cannot mix 'bind-*' options with mount type '{Type}'");
        }

        if (Type != "volume" && (NoCopy || Driver is not null || _labels.Count > 0 || _driverOptions.Count > 0))
        {
            throw new FormatException($"cannot mix 'volume-*' options with mount type '{Type}'");
        }

        if (Type != "tmpfs" && (TmpfsSizeBytes is not null || TmpfsMode is not null))
        {
            throw new FormatException($"cannot mix 'tmpfs-*' options with mount type '{Type}'");
        }
    }

    private void WriteOptions(Utf8JsonWriter json)
    {
        switch (Type)
        {
            case "bind" when Propagation is not null || NonRecursive || CreateMountpoint || ReadOnlyNonRecursive || ReadOnlyForceRecursive:
                json.WriteStartObject("BindOptions");
                if (Propagation is not null)
                {
                    json.WriteString(nameof(Propagation), Propagation);
                }

                json.WriteBoolean(nameof(NonRecursive), NonRecursive);
                json.WriteBoolean(nameof(CreateMountpoint), CreateMountpoint);
                JsonFields.TrueOnly(json, nameof(ReadOnlyNonRecursive), ReadOnlyNonRecursive);
                JsonFields.TrueOnly(json, nameof(ReadOnlyForceRecursive), ReadOnlyForceRecursive);
                json.WriteEndObject();
                break;
            case "volume" when NoCopy || Subpath is not null || Driver is not null || _labels.Count > 0 || _driverOptions.Count > 0:
                WriteVolumeOptions(json);
                break;
            case "image" when Subpath is not null:
                json.WriteStartObject("ImageOptions");
                json.WriteString(nameof(Subpath), Subpath);
                json.WriteEndObject();
                break;
            case "tmpfs" when TmpfsSizeBytes is not null || TmpfsMode is not null:
                json.WriteStartObject("TmpfsOptions");
                JsonFields.NumberUnlessZero(json, "SizeBytes", TmpfsSizeBytes ?? 0);
                JsonFields.NumberUnlessZero(json, "Mode", TmpfsMode ?? 0);
                json.WriteEndObject();
                break;
        }
    }

    private void WriteVolumeOptions(Utf8JsonWriter json)
    {
        json.WriteStartObject("VolumeOptions");
        if (NoCopy)
        {
            json.WriteBoolean(nameof(NoCopy), true);
        }

        if (Subpath is not null)
        {
            json.WriteString(nameof(Subpath), Subpath);
        }

        JsonFields.Map(json, "Labels", _labels);
        if (Driver is not null || _driverOptions.Count > 0)
        {
            json.WriteStartObject("DriverConfig");
            json.WriteString("Name", Driver ?? string.Empty);
            JsonFields.Map(json, "Options", _driverOptions);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static bool Boolean(string key, string value)
    {
        try
        {
            return FlagValues.Boolean(value);
        }
        catch (FormatException)
        {
            throw new FormatException($"invalid value for {key}: {value}");
        }
    }

    private static long Size(string key, string value)
    {
        try
        {
            return ByteSize.Parse(value);
        }
        catch (FormatException)
        {
            throw new FormatException($"invalid value for {key}: {value}");
        }
    }

    private static long Octal(string key, string value)
    {
        long mode = 0;
        foreach (char digit in value)
        {
            mode = digit is >= '0' and <= '7' && mode < 0x10000 ? (mode * 8) + (digit - '0') : throw new FormatException($"invalid value for {key}: {value}");
        }

        return value.Length == 0 ? throw new FormatException($"invalid value for {key}: {value.ToString(CultureInfo.InvariantCulture)}") : mode;
    }
}
