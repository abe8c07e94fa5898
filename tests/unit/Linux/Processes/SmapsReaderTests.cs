using System.Text;
using Tare.Linux.Processes;

namespace Tare.UnitTests.Linux.Processes;

public sealed class SmapsReaderTests
{
    private const string Text = """
        00400000-00401000 r--p 00000000 fe:00 331651   /usr/bin/tare-runtime
        Size:                  4 kB
        Anonymous:             0 kB
        VmFlags: rd mr mw me
        00401000-00709000 r-xp 00001000 fe:00 331651   /usr/bin/tare-runtime
        Anonymous:             0 kB
        00709000-0079b000 r--p 00309000 fe:00 331651   /usr/bin/tare-runtime
        Anonymous:             4 kB
        0079b000-0079c000 rw-p 00309000 fe:00 331651   /usr/bin/tare-runtime
        Anonymous:             0 kB
        0079c000-0079d000 r--s 00000000 fe:00 331652   /shared
        Anonymous:             0 kB
        7f0b6a800000-7f0b6a809000 r--p 00000000 00:00 0
        Anonymous:             0 kB
        7ffe09597000-7ffe09599000 r-xp 00000000 00:00 0   [vdso]
        Anonymous:             0 kB
        """;

    [Fact]
    public void OnlyUnchangedReadOnlyPrivateMappingsOfFilesAreDropped()
        => Assert.Equal([(0x400000, 0x401000), (0x401000, 0x709000)], Read(Text));

    [Fact]
    public void ATruncatedTextEndsTheList()
        => Assert.Equal([(0x400000, 0x401000)], Read(Text[..Text.IndexOf("Anonymous:             0 kB\n00709000", StringComparison.Ordinal)]));

    private static List<(long Start, long End)> Read(string text)
    {
        ResidentMemory.SmapsReader reader = new(Encoding.UTF8.GetBytes(text));
        List<(long, long)> found = [];
        while (reader.NextUnchanged(out nint start, out nint end))
        {
            found.Add((start, end));
        }

        return found;
    }
}
