using Tare.Linux.Files;

namespace Tare.Engine.Archives;

/// <summary>Translates a file's mode to Go's os.FileMode, which Docker's API passes on (https://pkg.go.dev/io/fs#FileMode).</summary>
internal static class GoFileMode
{
    private const uint SetUserId = 0x800;
    private const uint SetGroupId = 0x400;
    private const uint Sticky = 0x200;

    /// <summary>The mode.</summary>
    public static uint Of(FileStatus status) => (status.Permissions & 0x1FF) | TypeOf(status.Type)
        | ((status.Permissions & SetUserId) != 0 ? 1u << 23 : 0) | ((status.Permissions & SetGroupId) != 0 ? 1u << 22 : 0) | ((status.Permissions & Sticky) != 0 ? 1u << 20 : 0);

    private static uint TypeOf(FileType type) => type switch
    {
        FileType.Directory => 1u << 31,
        FileType.SymbolicLink => 1u << 27,
        FileType.BlockDevice => 1u << 26,
        FileType.CharacterDevice => (1u << 26) | (1u << 21),
        FileType.Fifo => 1u << 25,
        FileType.Socket => 1u << 24,
        _ => 0,
    };
}
