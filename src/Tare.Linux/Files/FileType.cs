namespace Tare.Linux.Files;

/// <summary>Type of a file: the upper bits of its mode (inode(7)).</summary>
public enum FileType
{
    /// <summary>Not known.</summary>
    Unknown = 0,

    /// <summary>Named pipe.</summary>
    Fifo = 0x1000,

    /// <summary>Character device.</summary>
    CharacterDevice = 0x2000,

    /// <summary>Directory.</summary>
    Directory = 0x4000,

    /// <summary>Block device.</summary>
    BlockDevice = 0x6000,

    /// <summary>Regular file.</summary>
    Regular = 0x8000,

    /// <summary>Symbolic link.</summary>
    SymbolicLink = 0xA000,

    /// <summary>Socket.</summary>
    Socket = 0xC000,
}
