using System.Formats.Tar;
using System.Globalization;
using System.Text;

namespace Tare.ConformanceTests.Runtimes;

/// <summary>A tree of files of all kinds, and a shell script that changes it: the same for the same seed.</summary>
/// <param name="seed">The seed.</param>
/// <param name="hardLinks">Whether files have several names.</param>
internal sealed class RandomTree(int seed, bool hardLinks = true)
{
    private const int Entries = 120;
    private readonly Random _random = new(seed);
    private readonly List<string> _folders = ["tree"];
    private readonly List<string> _files = [];
    private PaxTarEntry? _first;

    /// <summary>A tar archive of busybox with the tree in <c>/tree</c>.</summary>
    public byte[] Archive()
    {
        using MemoryStream stream = new();
        stream.Write(BusyboxRoot.Tar.AsSpan()[..^1024]); // without its end
        using (TarWriter writer = new(stream, TarEntryFormat.Pax, leaveOpen: true))
        {
            Write(writer, new PaxTarEntry(TarEntryType.Directory, "tree/"));
            for (int i = 0; i < Entries; i++)
            {
                Add(writer, i);
            }
        }

        return stream.ToArray();
    }

    /// <summary>A layer above the tree: it deletes, replaces and adds files, and makes directories opaque. No two entries are about the same path or one below another.</summary>
    public byte[] Layer()
    {
        using MemoryStream stream = new();
        using (TarWriter writer = new(stream, TarEntryFormat.Pax, leaveOpen: true))
        {
            List<string> touched = [];
            bool IsFree(string path) => path != "tree" && !touched.Exists(other => path == other || path.StartsWith(other + "/", StringComparison.Ordinal) || other.StartsWith(path + "/", StringComparison.Ordinal));
            for (int i = 0; i < 60; i++)
            {
                bool isFolder = _random.Next(3) == 0;
                string path = isFolder ? _folders[_random.Next(_folders.Count)] : _files[_random.Next(_files.Count)];
                if (!IsFree(path))
                {
                    continue;
                }

                touched.Add(path);
                int slash = path.LastIndexOf('/');
                switch (_random.Next(5))
                {
                    case 0 or 1:
                        Write(writer, new PaxTarEntry(TarEntryType.RegularFile, $"{path[..slash]}/.wh.{path[(slash + 1)..]}"));
                        break;
                    case 2 when isFolder:
                        Write(writer, new PaxTarEntry(TarEntryType.Directory, path + "/"));
                        Write(writer, new PaxTarEntry(TarEntryType.RegularFile, path + "/.wh..wh..opq"));
                        Write(writer, new PaxTarEntry(TarEntryType.RegularFile, path + "/only") { DataStream = new MemoryStream(Encoding.ASCII.GetBytes(path)) });
                        break;
                    case 3:
                        Write(writer, new PaxTarEntry(TarEntryType.SymbolicLink, path) { LinkName = "elsewhere" });
                        break;
                    default:
                        Write(writer, new PaxTarEntry(TarEntryType.RegularFile, path) { DataStream = new MemoryStream(Encoding.ASCII.GetBytes("new " + path)) });
                        break;
                }
            }
        }

        return stream.ToArray();
    }

    /// <summary>Commands for busybox's shell.</summary>
    public string Changes()
    {
        StringBuilder script = new("cd /\n");
        for (int i = 0; i < 40; i++)
        {
            string file = "'" + _files[_random.Next(_files.Count)] + "'";
            string folder = "'" + _folders[_random.Next(1, _folders.Count)] + "'";
            script.Append(CultureInfo.InvariantCulture, $"{Change(_random.Next(12), file, folder, i)} 2>/dev/null\n");
        }

        return script.Append("true\n").ToString();
    }

    private static string Change(int kind, string file, string folder, int number) => kind switch
    {
        0 => $"rm -f {file}",
        1 => $"rm -rf {folder}",
        2 => $"test -f {file} && echo more >>{file} && touch -h -d @17000000{number:D2} {file}",
        3 => $"chmod 4751 {file}",
        4 => $"chown -h 12:34 {file}",
        5 => $"rm -rf {folder} && mkdir -p {folder} && echo again >{folder}/again{number} && touch -d @1600000000 {folder}/again{number}",
        6 => $"test -d {folder} && echo new >{folder}/new{number} && touch -d @1600000000 {folder}/new{number}",
        7 => $"test -d {folder} && ln -s ../target{number} {folder}/soft{number} && touch -h -d @1600000000 {folder}/soft{number}",
        8 => $"test -f {file} && ln {file} tree/hard{number}",
        9 => $"rm -rf {file} && mkdir {file}",
        10 => $"rm -rf {folder} && echo file >{folder} && touch -d @1600000000 {folder}",
        _ => $"mknod tree/node{number} c 1 {number} && touch -d @1600000000 tree/node{number}",
    };

    private void Add(TarWriter writer, int number)
    {
        string folder = _folders[_random.Next(_folders.Count)];
        string name = $"{folder}/{Name(number)}";
        switch (_random.Next(10))
        {
            case 0 or 1 or 2:
                _folders.Add(name);
                Write(writer, new PaxTarEntry(TarEntryType.Directory, name + "/"));
                return;
            case 3:
                Write(writer, new PaxTarEntry(TarEntryType.SymbolicLink, name) { LinkName = _random.Next(2) == 0 ? "/absolute/target" : "../relative" });
                break;
            case 4 when hardLinks && _files.Count > 0:
                Write(writer, new PaxTarEntry(TarEntryType.HardLink, name) { LinkName = _files[0] });
                break;
            case 5:
                Write(writer, new PaxTarEntry(TarEntryType.Fifo, name));
                break;
            case 6:
                Write(writer, new PaxTarEntry(TarEntryType.CharacterDevice, name) { DeviceMajor = 1, DeviceMinor = 3 });
                break;
            default:
                byte[] content = new byte[_random.Next(3) switch { 0 => 0, 1 => _random.Next(600), _ => _random.Next(300_000) }];
                _random.NextBytes(content);
                Write(writer, new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });
                break;
        }

        _files.Add(name);
    }

    private string Name(int number) => _random.Next(6) switch
    {
        0 => $"ünï {number}",
        1 => $"{new string('l', 120)}{number}",
        2 => $".hidden{number}",
        _ => $"n{number}",
    };

    private void Write(TarWriter writer, PaxTarEntry entry)
    {
        if (entry.EntryType == TarEntryType.HardLink)
        {
            // As every archiver writes it: the file's own.
            (entry.Mode, entry.Uid, entry.Gid, entry.ModificationTime) = (_first!.Mode, _first.Uid, _first.Gid, _first.ModificationTime);
            writer.WriteEntry(entry);
            return;
        }

        entry.Mode = entry.EntryType == TarEntryType.SymbolicLink ? (UnixFileMode)0x1FF : (UnixFileMode)(0x180 | _random.Next(0x1000));
        entry.Uid = _random.Next(3) == 0 ? 3_000_000 + _random.Next(10) : _random.Next(3);
        entry.Gid = _random.Next(3);
        entry.ModificationTime = DateTimeOffset.FromUnixTimeSeconds(1_500_000_000 + _random.Next(100_000_000));
        _first ??= entry.EntryType == TarEntryType.Directory ? null : entry;
        writer.WriteEntry(entry);
    }
}
