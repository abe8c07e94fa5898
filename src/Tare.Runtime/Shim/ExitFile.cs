using Tare.Linux;
using Tare.Linux.Interop;
using Tare.Runtime.Shim.Loop;
using Tare.Runtime.Shim.Protocol;

namespace Tare.Runtime.Shim;

/// <summary>Writes the exit file so that a reader sees all of it or none, after a power cut too.</summary>
internal static class ExitFile
{
    /// <summary>Writes a temporary file beside, syncs it and renames it. A failure is logged: the event still tells the exit.</summary>
    public static void Write(string path, ExitRecord record)
    {
        string temporary = path + ".tmp";
        byte[] bytes = ShimWire.Write(record);
        int fd = Libc.open(temporary, Libc.O_WRONLY | Libc.O_CREAT | Libc.O_TRUNC | Libc.O_CLOEXEC, 0x180); // 0600
        bool written = fd >= 0 && Descriptors.Write(fd, bytes) == bytes.Length && Libc.fsync(fd) == 0;
        if (!written)
        {
            ShimLogFile.Write(LinuxException.Last("write", temporary).Message);
        }

        _ = fd < 0 ? 0 : Libc.close(fd);
        if (written && Libc.rename(temporary, path) != 0)
        {
            ShimLogFile.Write(LinuxException.Last("rename", path).Message);
        }
    }
}
