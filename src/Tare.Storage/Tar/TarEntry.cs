namespace Tare.Storage.Tar;

/// <summary>One entry of a tar archive.</summary>
internal sealed class TarEntry
{
    /// <summary>Path as it stands in the archive; not trusted. Bytes that are no UTF-8 are kept as <see cref="Linux.Files.FileNames"/> does.</summary>
    public string Path { get; set; } = "";

    /// <summary>Target of a symbolic or hard link; not trusted.</summary>
    public string LinkTarget { get; set; } = "";

    /// <summary>Kind: '0' file, '1' hard link, '2' symbolic link, '3' character, '4' block, '5' directory, '6' fifo.</summary>
    public char Type { get; set; }

    /// <summary>Permission bits.</summary>
    public uint Mode { get; set; }

    /// <summary>Owner.</summary>
    public uint Uid { get; set; }

    /// <summary>Group.</summary>
    public uint Gid { get; set; }

    /// <summary>Bytes of content, holes of a sparse file included.</summary>
    public long Size { get; set; }

    /// <summary>Where the content's parts belong, when the file is sparse; null for a file without holes.</summary>
    public List<SparseSegment>? Sparse { get; set; }

    /// <summary>Modification time, whole seconds since 1970.</summary>
    public long ModifiedSeconds { get; set; }

    /// <summary>Modification time, nanoseconds.</summary>
    public long ModifiedNanoseconds { get; set; }

    /// <summary>Major number of a device.</summary>
    public uint DeviceMajor { get; set; }

    /// <summary>Minor number of a device.</summary>
    public uint DeviceMinor { get; set; }

    /// <summary>Extended attributes (SCHILY.xattr records); null for none.</summary>
    public Dictionary<string, byte[]>? ExtendedAttributes { get; set; }
}
