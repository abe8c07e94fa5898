namespace Tare.Daemon.Options;

/// <summary>The daemon cannot be set up as it was asked to; the message is for the operator.</summary>
internal sealed class OptionException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>Refuses a set-up of which something does not hold.</summary>
    /// <param name="holds">What must hold.</param>
    /// <param name="message">What is wrong when it does not.</param>
    /// <exception cref="OptionException">It does not hold.</exception>
    public static void Require(bool holds, string message)
    {
        if (!holds)
        {
            throw new OptionException(message);
        }
    }
}
