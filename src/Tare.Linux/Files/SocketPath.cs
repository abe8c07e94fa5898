using System.Globalization;
using System.Text;
using Tare.Linux.Interop;

namespace Tare.Linux.Files;

/// <summary>
/// A path to bind or connect a unix socket by, whatever the length of the real one: an address holds 107 bytes (unix(7)), so a longer path is
/// reached through a descriptor of its folder. Disposing closes that descriptor; the socket stays.
/// </summary>
public sealed class SocketPath : IDisposable
{
    private const int MaximumLength = 107;
    private readonly int _folder = -1;

    /// <summary>Prepares a path.</summary>
    /// <exception cref="LinuxException">The folder of a long path cannot be opened.</exception>
    public SocketPath(string path)
    {
        Path = path;
        if (Encoding.UTF8.GetByteCount(path) > MaximumLength)
        {
            string folder = System.IO.Path.GetDirectoryName(path)!;
            _folder = Libc.open(folder, Libc.O_PATH | Libc.O_DIRECTORY | Libc.O_CLOEXEC, 0);
            Path = _folder >= 0
                ? string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{_folder}/{System.IO.Path.GetFileName(path)}")
                : throw LinuxException.Last("open", folder);
        }
    }

    /// <summary>What stands in the address.</summary>
    public string Path { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_folder >= 0)
        {
            _ = Libc.close(_folder);
        }
    }
}
