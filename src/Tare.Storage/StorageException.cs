using Tare.Linux;

namespace Tare.Storage;

/// <summary>Content is not what it should be, or cannot be stored. The message names what was wrong and where.</summary>
public sealed class StorageException : Exception
{
    /// <summary>Describes damaged content.</summary>
    /// <param name="message">The sentence.</param>
    /// <param name="inner">What caused it.</param>
    public StorageException(string message, Exception? inner = null)
        : this(StorageErrorKind.Damaged, message, inner)
    {
    }

    /// <summary>Describes a failure.</summary>
    /// <param name="kind">Why.</param>
    /// <param name="message">The sentence.</param>
    /// <param name="inner">What caused it.</param>
    public StorageException(StorageErrorKind kind, string message, Exception? inner = null)
        : base(message, inner) => Kind = kind;

    /// <summary>Why.</summary>
    public StorageErrorKind Kind { get; }

    /// <summary>A file could not be written. Says "no space left on device" as users and scripts know it.</summary>
    /// <param name="what">Operation and object: <c>write "/etc/passwd"</c>.</param>
    /// <param name="failure">What the file system answered.</param>
    internal static StorageException Writing(string what, IOException failure)
    {
        // .NET puts the error number of write(2) into HResult (System.Private.CoreLib, Interop.GetIOException).
        Errno errno = failure is LinuxException linux ? linux.Errno : (Errno)failure.HResult;
        return errno switch
        {
            Errno.ENOSPC => new StorageException(StorageErrorKind.NoSpace, $"{what}: no space left on device", failure),
            Errno.EDQUOT => new StorageException(StorageErrorKind.NoSpace, $"{what}: disk quota exceeded", failure),
            _ => new StorageException(StorageErrorKind.Refused, $"{what}: {failure.Message}", failure),
        };
    }
}
