using Microsoft.Extensions.Logging;
using Tare.Engine.Errors;

namespace Tare.Docker;

/// <summary>Log messages of the door: event ids 3000 to 3099.</summary>
internal static partial class Log
{
    [LoggerMessage(3000, LogLevel.Debug, "{Method} {Path}: the client has gone")]
    public static partial void ClientGone(ILogger logger, string method, string path);

    [LoggerMessage(3001, LogLevel.Information, "{Method} {Path}: {ErrorClass}: {Reason}")]
    public static partial void RequestFailed(ILogger logger, string method, string path, ErrorClass errorClass, string reason);

    [LoggerMessage(3002, LogLevel.Error, "{Method} {Path} failed")]
    public static partial void RequestFault(ILogger logger, string method, string path, Exception exception);
}
