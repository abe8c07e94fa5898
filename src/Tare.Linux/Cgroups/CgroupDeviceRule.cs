namespace Tare.Linux.Cgroups;

/// <summary>One entry of a device access list; a later entry overrides earlier ones.</summary>
/// <param name="Allow">Allows, or denies.</param>
/// <param name="Type"><c>c</c> (character), <c>b</c> (block) or <c>a</c> (both).</param>
/// <param name="Major">Major number; null means every one.</param>
/// <param name="Minor">Minor number; null means every one.</param>
/// <param name="Access">Any of <c>r</c> (read), <c>w</c> (write), <c>m</c> (mknod).</param>
public readonly record struct CgroupDeviceRule(bool Allow, char Type, long? Major, long? Minor, string Access)
{
    /// <summary>Whether the entry speaks of every device and every access.</summary>
    public bool IsEverything => Type == 'a' && Major is null && Minor is null && Access.Contains('r') && Access.Contains('w') && Access.Contains('m');
}
