using System.Diagnostics;
using System.Formats.Tar;
using System.Text;

namespace Tare.Testing;

/// <summary>The smallest useful root filesystem: Debian's static busybox with its applets, as a tar archive or unpacked.</summary>
public static class BusyboxRoot
{
    private const string Busybox = "/bin/busybox";
    private static readonly Lazy<byte[]> s_tar = new(Build);

    /// <summary>The root filesystem as an uncompressed tar archive.</summary>
    public static byte[] Tar => s_tar.Value;

    /// <summary>Unpacks the root filesystem into a new folder.</summary>
    public static void UnpackTo(string folder)
    {
        Directory.CreateDirectory(folder);
        using MemoryStream stream = new(Tar);
        TarFile.ExtractToDirectory(stream, folder, overwriteFiles: true);
    }

    private static byte[] Build()
    {
        MemoryStream stream = new();
        using (TarWriter tar = new(stream, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach (string folder in new[] { "bin/", "etc/", "root/", "tmp/", "usr/", "usr/bin/", "var/", "home/", "home/user/" })
            {
                tar.WriteEntry(new PaxTarEntry(TarEntryType.Directory, folder)
                {
                    Mode = folder == "tmp/" ? (UnixFileMode)0x3FF : (UnixFileMode)0x1ED, // 1777, 755
                    ModificationTime = DateTimeOffset.UnixEpoch,
                });
            }

            AddFile(tar, "bin/busybox", File.ReadAllBytes(Busybox), (UnixFileMode)0x1ED);
            foreach (string applet in Applets())
            {
                tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "bin/" + applet) { LinkName = "busybox", ModificationTime = DateTimeOffset.UnixEpoch });
            }

            AddFile(tar, "etc/passwd", "root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000:user:/home/user:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n"u8.ToArray());
            AddFile(tar, "etc/group", "root:x:0:\nuser:x:1000:\nextra:x:2000:user\nnogroup:x:65534:\n"u8.ToArray());
        }

        return stream.ToArray();
    }

    private static void AddFile(TarWriter tar, string path, byte[] content, UnixFileMode mode = (UnixFileMode)0x1A4)
        => tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, path)
        {
            DataStream = new MemoryStream(content),
            Mode = mode,
            ModificationTime = DateTimeOffset.UnixEpoch,
        });

    private static IEnumerable<string> Applets()
    {
        using Process list = Process.Start(new ProcessStartInfo(Busybox, "--list") { RedirectStandardOutput = true })!;
        string names = list.StandardOutput.ReadToEnd();
        list.WaitForExit();
        return names.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(name => name != "busybox" && Encoding.ASCII.GetByteCount(name) < 90);
    }
}
