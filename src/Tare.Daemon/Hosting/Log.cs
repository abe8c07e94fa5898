using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace Tare.Daemon.Hosting;

/// <summary>Log messages of the daemon's life: event ids 4000 to 4099.</summary>
internal static partial class Log
{
    [LoggerMessage(4000, LogLevel.Information, "API listens on {Address}")]
    public static partial void Listening(ILogger logger, string address);

    [LoggerMessage(4001, LogLevel.Information, "{Signal}: stopping")]
    public static partial void Stopping(ILogger logger, PosixSignal signal);

    [LoggerMessage(4006, LogLevel.Information, "the containers are stopped")]
    public static partial void StoppingContainers(ILogger logger);

    [LoggerMessage(4007, LogLevel.Error, "not all containers ended in time: they are left as they are")]
    public static partial void ContainersStay(ILogger logger);

    [LoggerMessage(4008, LogLevel.Warning, "{Signal} for the fourth time: ending at once")]
    public static partial void Forced(ILogger logger, PosixSignal signal);

    [LoggerMessage(4002, LogLevel.Information, "stopped")]
    public static partial void Stopped(ILogger logger);

    [LoggerMessage(4003, LogLevel.Critical, "cannot run: {Reason}")]
    public static partial void CannotRun(ILogger logger, string reason);

    [LoggerMessage(4004, LogLevel.Information, "the configuration was read again")]
    public static partial void Reloaded(ILogger logger);

    [LoggerMessage(4005, LogLevel.Error, "the configuration cannot be read again, and stays as it was: {Reason}")]
    public static partial void ReloadFailed(ILogger logger, string reason);
}
