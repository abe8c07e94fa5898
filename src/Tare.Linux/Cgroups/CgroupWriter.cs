using System.Globalization;

namespace Tare.Linux.Cgroups;

/// <summary>Writes <see cref="CgroupResources"/> into a group's files, by the version of the hierarchy that has the controller.</summary>
internal sealed partial class CgroupWriter(Cgroup cgroup)
{
    public void Apply(CgroupResources r)
    {
        ApplyCpuset(r);
        ApplyMemory(r);
        ApplyCpu(r);
        ApplyPids(r);
        ApplyBlock(r);
        ApplyHugePages(r);
        ApplyRdma(r);
        ApplyNetwork(r);
        if (r.Devices is { } devices)
        {
            ApplyDevices(devices);
        }

        ApplyUnified(r);
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Text(ulong value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>-1 and every other negative number is the kernel's <c>max</c>.</summary>
    private static string MaxOr(long value) => value < 0 ? "max" : Text(value);

    private static void Set(CgroupDirectory directory, string file, string value, string what)
    {
        Errno errno = CgroupFile.TryWrite(directory[file], value);
        if (errno != Errno.None)
        {
            throw Refused(directory, file, value, what, errno);
        }
    }

    private static CgroupException Refused(CgroupDirectory directory, string file, string value, string what, Errno errno)
    {
        LinuxException inner = new(errno, "write", directory[file]);
        return errno switch
        {
            Errno.ENOENT => new CgroupException($"set {what} to {value}: this kernel has no \"{file}\"", inner),
            Errno.EINVAL or Errno.ERANGE => new CgroupException($"set {what} to {value}: the kernel does not take this value in \"{directory[file]}\": {Cgroup.Describe(errno)}", inner),
            _ => new CgroupException($"set {what} to {value}: write \"{directory[file]}\": {Cgroup.Describe(errno)}", inner),
        };
    }

    private CgroupDirectory Require(string controller, string what)
    {
        CgroupDirectory directory = cgroup.Find(controller)
            ?? throw new CgroupException($"set {what}: no cgroup hierarchy that is mounted here and writable has the controller \"{controller}\"");
        if (directory.Hierarchy.IsUnified && cgroup.Hierarchies.Mode == CgroupMode.Hybrid)
        {
            CgroupMaker.EnableControllers(directory, cgroup.Path, [controller]);
        }

        return directory;
    }

    private static void RequireRange(string what, string unit, ulong value, ulong least, ulong most)
    {
        if (value < least || value > most)
        {
            throw new CgroupException(string.Create(
                CultureInfo.InvariantCulture, $"set {what} to {value}{unit}: the kernel takes {least} to {most}{unit}"));
        }
    }
}
