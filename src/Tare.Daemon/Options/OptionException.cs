namespace Tare.Daemon.Options;

/// <summary>The daemon cannot be set up as it was asked to; the message is for the operator.</summary>
internal sealed class OptionException(string message, Exception? innerException = null) : Exception(message, innerException);
