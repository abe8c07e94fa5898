using Microsoft.Win32.SafeHandles;
using Tare.Linux;
using Tare.Linux.Files;
using Tare.Linux.Interop;

namespace Tare.Storage.Layers;

/// <summary>
/// Compares an overlay's upper directory with the layers below it, by the rules of moby's archive.Changes: a file is modified when its mode, owner, device, size, time or
/// capability differ; a directory when its mode or owner differ, or something in it is not the same. Only what is in the upper directory is looked at, and its
/// counterparts below. Every step goes from an open directory to a name, never through a link.
/// </summary>
public sealed class LayerChanges
{
    private const string Capability = "security.capability";
    private readonly Func<string, FileStatus, bool> _skip;
    private readonly List<LayerChange> _changes = [];
    private readonly byte[] _buffer = new byte[64 * 1024];

    private LayerChanges(Func<string, FileStatus, bool> skip) => _skip = skip;

    /// <summary>Finds what changed, in the order of paths.</summary>
    /// <param name="upper">The upper directory.</param>
    /// <param name="lowers">The layers below, the topmost first.</param>
    /// <param name="skip">New entries that are no change, by path without a slash before and status.</param>
    /// <exception cref="LinuxException">Something cannot be read.</exception>
    public static IReadOnlyList<LayerChange> Find(string upper, IReadOnlyList<string> lowers, Func<string, FileStatus, bool> skip)
    {
        using ConfinedRoot top = ConfinedRoot.Open(upper);
        List<SafeFileHandle> below = [];
        try
        {
            foreach (string lower in lowers)
            {
                below.Add(ConfinedRoot.Open(lower).Handle);
            }

            LayerChanges finder = new(skip);
            finder.Compare(top.Handle, below, "", isOpaque: false);
            return finder._changes;
        }
        finally
        {
            below.ForEach(static handle => handle.Dispose());
        }
    }

    private void Compare(SafeFileHandle upper, List<SafeFileHandle> lowers, string prefix, bool isOpaque)
    {
        SortedSet<string> names = new(StringComparer.Ordinal);
        names.UnionWith(DirectoryNames.All(upper, _buffer));
        HashSet<string>? hidden = null;
        if (isOpaque)
        {
            hidden = [.. lowers.SelectMany(lower => DirectoryNames.All(lower, _buffer)).Where(name => !names.Contains(name))];
            names.UnionWith(hidden);
        }

        foreach (string name in names)
        {
            if (hidden?.Contains(name) != true)
            {
                CompareOne(upper, lowers, name, prefix + name);
            }
            else if (Exists(lowers, name))
            {
                Add(prefix + name, ChangeKind.Deleted);
            }
        }
    }

    private void CompareOne(SafeFileHandle upper, List<SafeFileHandle> lowers, string name, string path)
    {
        using SafeFileHandle? place = ConfinedRoot.TryOpenAt(upper, name, Libc.O_PATH);
        if (place is null)
        {
            return; // it went meanwhile
        }

        FileStatus status = FileStatus.Of(place);
        using Counterpart? old = Counterpart.Find(lowers, name);
        if (status is { Type: FileType.CharacterDevice, DeviceMajor: 0, DeviceMinor: 0 })
        {
            if (old is not null)
            {
                Add(path, ChangeKind.Deleted);
            }

            return;
        }

        if (old is null && _skip(path, status))
        {
            return;
        }

        int before = _changes.Count;
        if (old is null || Differs(place, status, old))
        {
            Add(path, old is null ? ChangeKind.Added : ChangeKind.Modified);
        }

        if (status.Type == FileType.Directory)
        {
            bool recorded = _changes.Count > before;
            Compare(place, old?.Directories ?? [], path + "/", IsOpaque(place));
            if (!recorded && _changes.Count > before)
            {
                _changes.Insert(before, new LayerChange("/" + path, ChangeKind.Modified));
            }
        }
    }

    private static bool Exists(List<SafeFileHandle> lowers, string name)
    {
        using Counterpart? found = Counterpart.Find(lowers, name);
        return found is not null;
    }

    private static bool Differs(SafeFileHandle place, FileStatus status, Counterpart old)
    {
        FileStatus other = old.Status;
        if (status.Type != other.Type || status.Permissions != other.Permissions || status.Uid != other.Uid || status.Gid != other.Gid
            || (status.DeviceMajor, status.DeviceMinor) != (other.DeviceMajor, other.DeviceMinor))
        {
            return true;
        }

        if (status.Type == FileType.Directory)
        {
            return false;
        }

        // Some archives have whole seconds only: then the fraction says nothing.
        bool sameTime = status.ModifiedSeconds == other.ModifiedSeconds
            && (status.ModifiedNanoseconds == other.ModifiedNanoseconds || status.ModifiedNanoseconds == 0 || other.ModifiedNanoseconds == 0);
        return !sameTime || status.SizeBytes != other.SizeBytes || (status.Type == FileType.Regular && !CapabilityOf(place).SequenceEqual(CapabilityOf(old.Place)));
    }

    private static byte[] CapabilityOf(SafeFileHandle place) => ExtendedAttributes.Read(place, static name => name == Capability)?.GetValueOrDefault(Capability) ?? [];

    private static bool IsOpaque(SafeFileHandle directory)
        => ExtendedAttributes.Read(directory, static name => name == "trusted.overlay.opaque")?.Values.FirstOrDefault() is [(byte)'y'];

    private void Add(string path, ChangeKind kind) => _changes.Add(new LayerChange("/" + path, kind));

    /// <summary>What the layers below show at a name: the topmost file, and all directories that are merged there.</summary>
    private sealed class Counterpart : IDisposable
    {
        private Counterpart(SafeFileHandle place, FileStatus status) => (Place, Status) = (place, status);

        public SafeFileHandle Place { get; }

        public FileStatus Status { get; }

        public List<SafeFileHandle> Directories { get; } = [];

        public static Counterpart? Find(List<SafeFileHandle> lowers, string name)
        {
            Counterpart? found = null;
            foreach (SafeFileHandle lower in lowers)
            {
                SafeFileHandle? place = ConfinedRoot.TryOpenAt(lower, name, Libc.O_PATH);
                if (place is null)
                {
                    continue;
                }

                FileStatus status = FileStatus.Of(place);
                bool isWhiteout = status is { Type: FileType.CharacterDevice, DeviceMajor: 0, DeviceMinor: 0 };
                if (isWhiteout || (found is not null && status.Type != FileType.Directory))
                {
                    place.Dispose();
                    break;
                }

                found ??= new Counterpart(place, status);
                if (status.Type != FileType.Directory)
                {
                    break;
                }

                found.Directories.Add(place);
                if (IsOpaque(place))
                {
                    break;
                }
            }

            return found;
        }

        public void Dispose()
        {
            Place.Dispose();
            Directories.ForEach(static directory => directory.Dispose());
        }
    }
}
