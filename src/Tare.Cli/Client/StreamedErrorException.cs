namespace Tare.Cli.Client;

/// <summary>The daemon reported an error in the middle of a stream of messages, after it had answered 200.</summary>
internal sealed class StreamedErrorException(string reason) : Exception(reason);
