using Microsoft.Win32.SafeHandles;
using Tare.Linux;
using Tare.Linux.Interop;
using Tare.Runtime.Containers;

namespace Tare.Runtime.Checkpoint;

/// <summary>The open folders of images and of criu's work. Disposing closes them.</summary>
internal sealed class ImageFolders : IDisposable
{
    private readonly SafeFileHandle _images;
    private readonly SafeFileHandle? _work;

    private ImageFolders(SafeFileHandle images, SafeFileHandle? work, string logs)
    {
        _images = images;
        _work = work;
        Logs = logs;
    }

    /// <summary>Where log files are.</summary>
    public string Logs { get; }

    /// <summary>The descriptor of the images.</summary>
    public int Images => (int)_images.DangerousGetHandle();

    /// <summary>The descriptor of the work; -1 for none.</summary>
    public int Work => _work is null ? -1 : (int)_work.DangerousGetHandle();

    /// <summary>Opens the folders.</summary>
    /// <param name="images">The images.</param>
    /// <param name="work">The work; made if it is missing. Null for none.</param>
    /// <param name="make">Makes the images' folder if it is missing.</param>
    /// <param name="reader">The user outside whom a folder that is made for images belongs to.</param>
    /// <exception cref="RuntimeException">A folder cannot be made or opened.</exception>
    public static ImageFolders Open(string images, string? work, bool make, uint reader = 0)
    {
        SafeFileHandle opened = Open(images, make, reader);
        try
        {
            return new ImageFolders(opened, work is null ? null : Open(work, make: true, reader: 0), work ?? images);
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _work?.Dispose();
        _images.Dispose();
    }

    private static SafeFileHandle Open(string path, bool make, uint reader)
    {
        try
        {
            bool made = make && !Directory.Exists(path);
            if (made)
            {
                // Memory of processes is nobody else's business.
                Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }

            int descriptor = Libc.open(path, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_CLOEXEC, 0);
            SafeFileHandle folder = descriptor < 0 ? throw LinuxException.Last("open", path) : new(descriptor, ownsHandle: true);

            // A process that is restored into a user namespace opens its images first as root without powers, then as the root of that namespace.
            if (made && reader != 0 && (Libc.fchmod(descriptor, 0x1E8) != 0 || Libc.Syscall(Syscalls.Fchown, descriptor, (nint)reader, -1) != 0)) // 0750
            {
                LinuxException failure = LinuxException.Last("chown", path);
                folder.Dispose();
                throw failure;
            }

            return folder;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new RuntimeException(ErrorKind.Invalid, failure.Message, (failure as LinuxException)?.Errno ?? Errno.None, failure);
        }
    }
}
