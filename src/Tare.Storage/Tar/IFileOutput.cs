using Microsoft.Win32.SafeHandles;

namespace Tare.Storage.Tar;

/// <summary>A stream that takes a part of a file as it is, without its bytes going through this process (sendfile(2)), and whose writes block.</summary>
public interface IFileOutput
{
    /// <summary>Writes a part of a file. Where the file is shorter now, zeros stand for what is missing.</summary>
    /// <param name="file">The file, open for reading; its position stays.</param>
    /// <param name="offset">Where the part begins, in bytes.</param>
    /// <param name="count">Its bytes.</param>
    /// <exception cref="IOException">The other side is gone.</exception>
    void SendFile(SafeFileHandle file, long offset, long count);
}
