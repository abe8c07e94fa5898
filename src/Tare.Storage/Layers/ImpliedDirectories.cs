using Microsoft.Win32.SafeHandles;
using Tare.Linux;
using Tare.Linux.Files;
using Tare.Linux.Interop;

namespace Tare.Storage.Layers;

/// <summary>
/// Directories of a layer that its archive does not describe: they are there since something in them is. In the whole tree such a directory is that of the layers below, so it must have
/// their owner, mode, time and attributes; in an overlay it is the topmost one's that counts. Which layers lie below is known only when they are all here: until then the paths stand in a
/// file beside the tree.
/// </summary>
internal static unsafe class ImpliedDirectories
{
    private const string ListName = "implied";
    private const string OverlayPrefix = "trusted.overlay.";

    /// <summary>Remembers them.</summary>
    /// <param name="folder">The layer's folder.</param>
    /// <param name="paths">Paths in its tree, without a slash before, directories before what is in them.</param>
    public static void Save(string folder, IReadOnlyList<string> paths)
    {
        if (paths.Count > 0)
        {
            File.WriteAllLines(Path.Combine(folder, ListName), paths.Select(static path => Convert.ToBase64String(FileNames.Encode(path)[..^1])));
        }
    }

    /// <summary>Makes them like those of the layers below, once.</summary>
    /// <param name="folder">The layer's folder.</param>
    /// <param name="lowers">The trees of the layers below, the topmost first.</param>
    /// <exception cref="LinuxException">Something cannot be read or set.</exception>
    public static void Inherit(string folder, IEnumerable<string> lowers)
    {
        string list = Path.Combine(folder, ListName);
        if (!File.Exists(list))
        {
            return;
        }

        using ConfinedRoot tree = ConfinedRoot.Open(Path.Combine(folder, "diff"));
        List<ConfinedRoot> below = [];
        try
        {
            below.AddRange(lowers.Select(ConfinedRoot.Open));
            foreach (string line in File.ReadLines(list))
            {
                string path = FileNames.Decode(Convert.FromBase64String(line));
                using SafeFileHandle? place = tree.TryOpenInside(path, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_NOFOLLOW);
                using SafeFileHandle? model = place is null ? null : Find(below, path.Split('/'));
                if (model is not null)
                {
                    Copy(model, place!, path);
                }
            }
        }
        finally
        {
            below.ForEach(static root => root.Dispose());
        }

        DirectorySync.SyncFileSystem(folder);
        File.Delete(list);
    }

    // The topmost directory of the path, as an overlay of the layers would show it; null where that shows none.
    private static SafeFileHandle? Find(List<ConfinedRoot> lowers, string[] names)
    {
        foreach (ConfinedRoot lower in lowers)
        {
            SafeFileHandle place = ConfinedRoot.Reopen(lower.Handle, Libc.O_PATH | Libc.O_DIRECTORY);
            bool hidesBelow = false;
            int depth = 0;
            for (; depth < names.Length && ConfinedRoot.TryOpenAt(place, names[depth], Libc.O_PATH) is { } next; depth++)
            {
                place.Dispose();
                place = next;
                if (FileStatus.Of(place).Type != FileType.Directory)
                {
                    place.Dispose();
                    return null; // a whiteout, or something else in its place
                }

                hidesBelow |= ExtendedAttributes.Read(place, static name => name == OverlayPrefix + "opaque")?.Values.FirstOrDefault() is [(byte)'y'];
            }

            if (depth == names.Length)
            {
                return place;
            }

            place.Dispose();
            if (hidesBelow)
            {
                break;
            }
        }

        return null;
    }

    private static void Copy(SafeFileHandle from, SafeFileHandle to, string path)
    {
        FileStatus status = FileStatus.Of(from);
        int fd = (int)to.DangerousGetHandle();
        if (Libc.geteuid() == 0)
        {
            Check(Libc.fchown(fd, status.Uid, status.Gid), "chown", path);
        }

        Check(Libc.fchmod(fd, status.Permissions), "chmod", path);
        foreach ((string name, byte[] value) in ExtendedAttributes.Read(from, static name => name != "security.selinux" && !name.StartsWith(OverlayPrefix, StringComparison.Ordinal)) ?? [])
        {
            fixed (byte* bytes = value)
            {
                Check(Libc.fsetxattr(fd, name, bytes, (nuint)value.Length, 0), "setxattr", path);
            }
        }

        Libc.timespec* times = stackalloc Libc.timespec[2];
        times[0] = times[1] = new Libc.timespec { tv_sec = status.ModifiedSeconds, tv_nsec = status.ModifiedNanoseconds };
        Check(Libc.futimens(fd, times), "utimens", path);
        GC.KeepAlive(to);
    }

    private static void Check(int result, string call, string path)
    {
        if (result < 0)
        {
            throw LinuxException.Last(call, "/" + path);
        }
    }
}
