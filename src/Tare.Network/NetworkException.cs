namespace Tare.Network;

/// <summary>A network could not be made or changed. The message names the step, the object and the reason.</summary>
public sealed class NetworkException : IOException
{
    /// <summary>Describes a failure.</summary>
    /// <param name="message">The sentence.</param>
    /// <param name="inner">What caused it.</param>
    public NetworkException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
