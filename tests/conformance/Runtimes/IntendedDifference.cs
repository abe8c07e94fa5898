using System.Text.RegularExpressions;

namespace Tare.ConformanceTests.Runtimes;

/// <summary>A difference between runc and tare-runtime that stays: lines of a section are compared after replacing what matches.</summary>
/// <param name="Name">What differs.</param>
/// <param name="Reason">Why it is right to differ.</param>
/// <param name="Sections">The sections of the probe that show it.</param>
/// <param name="Pattern">What to replace, as a regular expression.</param>
/// <param name="Replacement">What both lines say then.</param>
internal sealed record IntendedDifference(string Name, string Reason, string[] Sections, string Pattern, string Replacement)
{
    public static readonly IReadOnlyList<IntendedDifference> All =
    [
        new("the superblock of sysfs and proc", "only the mount is read-only, as with crun: the superblock is shared by all mounts of the same namespace",
            ["mounts"], "- (sysfs sysfs|proc proc) r[ow]", "- $1"),
        new("the tmpfs over the cgroup hierarchies", "a read-only cgroup mount is read-only as a whole; with runc the tmpfs that holds the hierarchies can be written to",
            ["mounts"], "/sys/fs/cgroup r[ow],nosuid", "/sys/fs/cgroup nosuid"),
        new("the source of a named hierarchy", "the source of a cgroup mount is free text; all of ours are called the same",
            ["mounts"], "- cgroup (systemd|cgroup) rw,name=systemd", "- cgroup systemd rw,name=systemd"),
        new("the tmpfs over a masked folder", "nothing is ever written there: it has no devices, no set-user-id programs, and mode 0555, as with crun",
            ["mounts"], "ro(,[a-z]+)*,relatime(.*) - tmpfs tmpfs r[ow],(size=4k,)?nr_inodes=1(,mode=555)?", "mask$2"),
        new("the mode of a masked folder", "as above", ["mountpoints", "masked"], "^d(rwxrwxrwt|r-xr-xr-x) (.* (/proc/acpi|/proc/scsi|/sys/firmware|/m/masked))$", "mask $2"),
        new("the owner of /dev/mqueue in a user namespace", "the kernel makes that folder with the namespace, which clone3 makes before any id is mapped; it is world-writable and sticky either way",
            ["mountpoints", "devices"], @"^drwxrwxrwt (0|65534) (65534|0) (0,0 )?/dev/mqueue$", "drwxrwxrwt /dev/mqueue"),
        new("the mode of a tmpfs in its options", "one that names no mode has that of the folder it hides; we set it on the folder inside, which the section of mount points compares, runc by an option",
            ["mounts"], @"(/m/(?:copied|closed) .* - tmpfs tmpfs rw(?:,size=\d+k)?),mode=\d+", "$1"),
        new("process numbers", "runc's helpers take numbers before the process does", ["process"], @"^pid ([2-9]|\d\d+),", "pid N,"),
        new("numbers of sessions", "as above", ["process"], @"^(pgrp, session, terminal, foreground, nice:) ([2-9]|\d\d+) ([2-9]|\d\d+) (\d+) (-1|[2-9]|\d\d+) ", "$1 N N $4 N "),
        new("numbers of groups", "as above", ["status"], @"^(NSpgid|NSsid):\t([2-9]|\d\d+)$", "$1: N"),
    ];

    public string Level(string section, string line) => Sections.Contains(section) ? Regex.Replace(line, Pattern, Replacement) : line;
}
