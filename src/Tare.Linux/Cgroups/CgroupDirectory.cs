namespace Tare.Linux.Cgroups;

/// <summary>The directory of a control group in one hierarchy.</summary>
/// <param name="Hierarchy">The hierarchy.</param>
/// <param name="Path">The directory.</param>
public sealed record CgroupDirectory(CgroupHierarchy Hierarchy, string Path)
{
    /// <summary>The path of a file in it.</summary>
    public string this[string file] => Path + "/" + file;
}
