using Tare.Linux;
using Tare.Linux.Files;
using Tare.Linux.Interop;
using Tare.Runtime.Shim.Protocol;

namespace Tare.Runtime.Shim;

/// <summary>Writes the exit file so that a reader sees all of it or none, after a power cut too.</summary>
internal static class ExitFile
{
    /// <summary>Writes a temporary file beside, syncs it and renames it. A failure is logged: the event still tells the exit.</summary>
    public static void Write(string path, ExitRecord record)
    {
        string temporary = path + ".tmp";
        try
        {
            SmallFile.Write(temporary, ShimWire.Write(record), sync: true);
            if (Libc.rename(temporary, path) != 0)
            {
                throw LinuxException.Last("rename", path);
            }
        }
        catch (LinuxException failure)
        {
            ShimLogFile.Write(failure.Message);
        }
    }
}
