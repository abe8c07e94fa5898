namespace Tare.Cli.Client;

/// <summary>No daemon answers at the address.</summary>
internal sealed class UnreachableException(string message, Exception? inner = null) : Exception(message, inner);
