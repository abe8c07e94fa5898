using System.Globalization;
using Tare.Linux.Files;
using Tare.Linux.Mounts;

namespace Tare.Engine.Volumes;

/// <summary>A volume whose device is a file with a file system in it (<c>type=ext4</c>, <c>device=/srv/disk.img</c>): mounted over a loop device, as mount(8) does.</summary>
internal static class VolumeImage
{
    private const string Loop = "loop";
    private const string Offset = "offset=";
    private const string SizeLimit = "sizelimit=";

    /// <summary>Whether a device is such a file.</summary>
    public static bool IsImage(string type, string device, string options)
        => type is not ("" or "none" or "bind") && device.StartsWith('/') && !options.Split(',').Any(static option => option is "bind" or "rbind")
            && FileStatus.TryGet(device, followLink: true, out FileStatus status) && status.Type == FileType.Regular;

    /// <summary>Mounts it.</summary>
    /// <param name="type">The file system.</param>
    /// <param name="file">The file.</param>
    /// <param name="target">Where.</param>
    /// <param name="options">Options separated by commas; those of the device (<c>loop</c>, <c>offset=</c>, <c>sizelimit=</c>) among them.</param>
    /// <exception cref="Linux.LinuxException">The kernel refuses.</exception>
    /// <exception cref="FormatException">A number is none.</exception>
    public static void Mount(string type, string file, string target, string options)
    {
        string[] all = options.Split(',', StringSplitOptions.RemoveEmptyEntries);
        bool isReadOnly = (NamedMount.Parse(options).Flags & 1) != 0; // MS_RDONLY
        using LoopDevice device = LoopDevice.Attach(file, isReadOnly, Number(all, Offset), Number(all, SizeLimit));
        IEnumerable<string> rest = all.Where(static option => option != Loop && !option.StartsWith(Loop + "=", StringComparison.Ordinal)
            && !option.StartsWith(Offset, StringComparison.Ordinal) && !option.StartsWith(SizeLimit, StringComparison.Ordinal));
        NamedMount.Make(type, device.Path, target, string.Join(',', device.IsReadOnly ? rest.Append("ro") : rest));
    }

    private static ulong Number(string[] options, string name)
    {
        string? option = options.LastOrDefault(option => option.StartsWith(name, StringComparison.Ordinal));
        return option is null ? 0 : ulong.TryParse(option.AsSpan(name.Length), NumberStyles.None, CultureInfo.InvariantCulture, out ulong number)
            ? number : throw new FormatException($"option \"{option}\" is no number of bytes");
    }
}
