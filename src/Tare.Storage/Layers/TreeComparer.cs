using Microsoft.Win32.SafeHandles;
using Tare.Linux;
using Tare.Linux.Files;
using Tare.Linux.Interop;

namespace Tare.Storage.Layers;

/// <summary>
/// Compares two trees that should be the same: names, kinds, modes, owners, times, links, devices, extended attributes and contents. Neither is trusted: every step goes from an open
/// directory to a name, never through a link.
/// </summary>
public sealed class TreeComparer
{
    private readonly byte[] _names = new byte[64 * 1024];
    private readonly byte[] _left = new byte[256 * 1024];
    private readonly byte[] _right = new byte[256 * 1024];
    private readonly CancellationToken _cancellationToken;

    private TreeComparer(CancellationToken cancellationToken) => _cancellationToken = cancellationToken;

    /// <summary>Finds the first difference, in the order of paths.</summary>
    /// <param name="found">The tree that is looked at.</param>
    /// <param name="wanted">The tree that it should be like.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What is wrong with <paramref name="found"/>, such as <c>"/etc/passwd" has other content</c>; null when nothing is.</returns>
    /// <exception cref="LinuxException">Something cannot be read.</exception>
    public static string? FirstDifference(string found, string wanted, CancellationToken cancellationToken)
    {
        using ConfinedRoot one = ConfinedRoot.Open(found);
        using ConfinedRoot other = ConfinedRoot.Open(wanted);
        return new TreeComparer(cancellationToken).Compare(one.Handle, other.Handle, "");
    }

    private string? Compare(SafeFileHandle found, SafeFileHandle wanted, string path)
    {
        _cancellationToken.ThrowIfCancellationRequested();
        string here = $"\"{(path.Length == 0 ? "/" : path)}\"";
        FileStatus one = FileStatus.Of(found);
        FileStatus other = FileStatus.Of(wanted);
        string? difference = one.Type != other.Type ? "is of another kind"
            : one.Permissions != other.Permissions ? $"has mode {Octal(one.Permissions)}, not {Octal(other.Permissions)}"
            : (one.Uid, one.Gid) != (other.Uid, other.Gid) ? $"belongs to {one.Uid}:{one.Gid}, not {other.Uid}:{other.Gid}"
            // Of the top directory, whose time no archive need tell, only what one told is the same.
            : path.Length > 0 && (one.ModifiedSeconds, one.ModifiedNanoseconds) != (other.ModifiedSeconds, other.ModifiedNanoseconds) && IsTold(other) ? "has another modification time"
            : (one.DeviceMajor, one.DeviceMinor) != (other.DeviceMajor, other.DeviceMinor) ? "is another device"
            : one.Type != FileType.Directory && one.SizeBytes != other.SizeBytes ? $"has {one.SizeBytes} bytes, not {other.SizeBytes}"
            : !SameAttributes(found, wanted) ? "has other extended attributes"
            : null;
        if (difference is not null)
        {
            return $"{here} {difference}";
        }

        return one.Type switch
        {
            FileType.Directory => CompareInside(found, wanted, path),
            FileType.Regular => SameContent(found, wanted) ? null : $"{here} has other content",
            FileType.SymbolicLink => ConfinedRoot.LinkTargetOf(found) == ConfinedRoot.LinkTargetOf(wanted) ? null : $"{here} is a link to elsewhere",
            _ => null,
        };
    }

    private string? CompareInside(SafeFileHandle found, SafeFileHandle wanted, string path)
    {
        SortedSet<string> names = new(DirectoryNames.All(found, _names), StringComparer.Ordinal);
        HashSet<string> expected = new(DirectoryNames.All(wanted, _names), StringComparer.Ordinal);
        string? difference = expected.Where(name => !names.Contains(name)).Order(StringComparer.Ordinal).FirstOrDefault() is { } missing ? $"\"{path}/{missing}\" is missing"
            : names.FirstOrDefault(name => !expected.Contains(name)) is { } more ? $"\"{path}/{more}\" does not belong there"
            : null;
        foreach (string name in difference is null ? names : [])
        {
            using SafeFileHandle one = ConfinedRoot.TryOpenAt(found, name, Libc.O_PATH) ?? throw LinuxException.Last("openat2", $"{path}/{name}");
            using SafeFileHandle other = ConfinedRoot.TryOpenAt(wanted, name, Libc.O_PATH) ?? throw LinuxException.Last("openat2", $"{path}/{name}");
            difference = Compare(one, other, $"{path}/{name}");
            if (difference is not null)
            {
                break;
            }
        }

        return difference;
    }

    private bool SameContent(SafeFileHandle found, SafeFileHandle wanted)
    {
        using SafeFileHandle one = ConfinedRoot.Reopen(found, Libc.O_RDONLY);
        using SafeFileHandle other = ConfinedRoot.Reopen(wanted, Libc.O_RDONLY);
        for (long offset = 0; ;)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            int length = RandomAccess.Read(other, _right, offset);
            if (length == 0)
            {
                return RandomAccess.Read(one, _left.AsSpan(0, 1), offset) == 0;
            }

            for (int done = 0; done < length;)
            {
                int read = RandomAccess.Read(one, _left.AsSpan(done, length - done), offset + done);
                if (read == 0)
                {
                    return false;
                }

                done += read;
            }

            if (!_left.AsSpan(0, length).SequenceEqual(_right.AsSpan(0, length)))
            {
                return false;
            }

            offset += length;
        }
    }

    private static bool SameAttributes(SafeFileHandle found, SafeFileHandle wanted)
    {
        Dictionary<string, byte[]> one = AttributesOf(found);
        Dictionary<string, byte[]> other = AttributesOf(wanted);
        return one.Count == other.Count && one.All(pair => other.TryGetValue(pair.Key, out byte[]? value) && pair.Value.AsSpan().SequenceEqual(value));
    }

    // Labels are the machine's, and overlayfs marks directories of its own accord when it is mounted (trusted.overlay.uuid, .impure, .origin).
    private static Dictionary<string, byte[]> AttributesOf(SafeFileHandle place) => ExtendedAttributes.Read(
        place, static name => name == "trusted.overlay.opaque" || (name != "security.selinux" && !name.StartsWith("trusted.overlay.", StringComparison.Ordinal))) ?? [];

    // The time of a directory that no entry describes is that of its making.
    private static bool IsTold(FileStatus status) => status.Type != FileType.Directory || (status.ModifiedSeconds * 1_000_000_000) + status.ModifiedNanoseconds < status.BirthNanoseconds;

    private static string Octal(uint mode) => Convert.ToString(mode, 8).PadLeft(4, '0');
}
