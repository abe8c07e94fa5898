namespace Tare.Engine.Archives;

/// <summary>A file in a container, as the client of a copy sees it.</summary>
/// <param name="Name">The last component of the path that was asked for.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Mode">Type and permissions as Go's os.FileMode has them.</param>
/// <param name="Modified">Last modification.</param>
/// <param name="LinkTarget">Absolute path that a symbolic link leads to in the container, all links followed; empty for other files.</param>
public sealed record PathStat(string Name, long Size, uint Mode, DateTimeOffset Modified, string LinkTarget);
