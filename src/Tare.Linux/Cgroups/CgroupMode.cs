namespace Tare.Linux.Cgroups;

/// <summary>Which versions of control groups a system has mounted.</summary>
public enum CgroupMode
{
    /// <summary>None.</summary>
    None,

    /// <summary>Version 1 hierarchies only.</summary>
    V1,

    /// <summary>Version 1 hierarchies, and the unified one beside them with few or no controllers.</summary>
    Hybrid,

    /// <summary>The unified hierarchy only.</summary>
    V2,
}
