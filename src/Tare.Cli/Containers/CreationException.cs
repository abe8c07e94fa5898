namespace Tare.Cli.Containers;

/// <summary>The options are well, but no container can be made of them: <c>create</c> says only why, without pointing to its help.</summary>
internal sealed class CreationException(string message, Exception inner) : FormatException(message, inner);
