using System.Formats.Tar;
using System.Text;

namespace Tare.UnitTests.Storage;

/// <summary>Makes archives for tests by the framework's writer, which we did not write.</summary>
internal sealed class TarBuilder
{
    private readonly MemoryStream _stream = new();
    private readonly TarWriter _writer;

    public TarBuilder(TarEntryFormat format = TarEntryFormat.Pax) => _writer = new TarWriter(_stream, format, leaveOpen: true);

    public TarBuilder File(string path, string content = "", Action<PaxTarEntry>? change = null)
    {
        PaxTarEntry entry = new(TarEntryType.RegularFile, path) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)) };
        change?.Invoke(entry);
        _writer.WriteEntry(entry);
        return this;
    }

    public TarBuilder Folder(string path) => Add(new PaxTarEntry(TarEntryType.Directory, path));

    public TarBuilder Link(string path, string target, bool hard = false)
        => Add(new PaxTarEntry(hard ? TarEntryType.HardLink : TarEntryType.SymbolicLink, path) { LinkName = target });

    public TarBuilder Add(TarEntry entry)
    {
        _writer.WriteEntry(entry);
        return this;
    }

    public byte[] ToArray()
    {
        _writer.Dispose();
        return _stream.ToArray();
    }
}
