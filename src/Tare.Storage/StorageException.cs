namespace Tare.Storage;

/// <summary>Content is not what it should be, or cannot be stored. The message names what was wrong and where.</summary>
public sealed class StorageException : Exception
{
    /// <summary>Describes a failure.</summary>
    /// <param name="message">The sentence.</param>
    /// <param name="inner">What caused it.</param>
    public StorageException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
