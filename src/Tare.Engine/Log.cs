using Microsoft.Extensions.Logging;

namespace Tare.Engine;

/// <summary>The engine's log messages; event ids 2000 to 2999.</summary>
internal static partial class Log
{
    [LoggerMessage(2000, LogLevel.Warning, "undoing a failed step for {Subject} failed")]
    public static partial void UndoFailed(ILogger logger, string subject, Exception exception);

    [LoggerMessage(2001, LogLevel.Information, "state restored: {Containers} containers ({Running} running), {Images} images, {Volumes} volumes")]
    public static partial void Restored(ILogger logger, int containers, int running, int images, int volumes);

    [LoggerMessage(2002, LogLevel.Warning, "the shim of container {Id} ended without telling how its container did")]
    public static partial void ShimLost(ILogger logger, string id);

    [LoggerMessage(2003, LogLevel.Error, "handling the exit of container {Id} failed")]
    public static partial void ExitHandlingFailed(ILogger logger, string id, Exception exception);

    [LoggerMessage(2004, LogLevel.Warning, "removing container {Id} after its exit failed")]
    public static partial void AutoRemoveFailed(ILogger logger, string id, Exception exception);

    [LoggerMessage(2005, LogLevel.Warning, "restarting container {Id} by its policy failed")]
    public static partial void RestartFailed(ILogger logger, string id, Exception exception);

    [LoggerMessage(2030, LogLevel.Warning, "image {Id} is incomplete and not shown: {Reason}; hint: tare system check --repair, then pull it again")]
    public static partial void ImageIncomplete(ILogger logger, string id, string reason);

    [LoggerMessage(2006, LogLevel.Information, "removed the leftover {Path} of an earlier crash")]
    public static partial void LeftoverRemoved(ILogger logger, string path);

    [LoggerMessage(2007, LogLevel.Warning, "a leftover at {Path} cannot be removed")]
    public static partial void LeftoverStays(ILogger logger, string path, Exception exception);

    [LoggerMessage(2008, LogLevel.Error, "storing the state of container {Id} failed")]
    public static partial void StoreFailed(ILogger logger, string id, Exception exception);

    [LoggerMessage(2009, LogLevel.Error, "restoring container {Id} failed")]
    public static partial void RestoreFailed(ILogger logger, string id, Exception exception);

    [LoggerMessage(2010, LogLevel.Debug, "container {Id} started in {Milliseconds} ms ({Phases})")]
    public static partial void Started(ILogger logger, string id, double milliseconds, string phases);

    [LoggerMessage(2011, LogLevel.Warning, "the default bridge network cannot be set up: {Reason}")]
    public static partial void BridgeFailed(ILogger logger, string reason, Exception exception);

    [LoggerMessage(2012, LogLevel.Warning, "withdrawing the ports of container {Id} failed")]
    public static partial void WithdrawFailed(ILogger logger, string id, Exception exception);

    [LoggerMessage(2013, LogLevel.Warning, "the network record of container {Id} cannot be read: it runs without a known address")]
    public static partial void NetworkRecordUnreadable(ILogger logger, string id, Exception exception);

    [LoggerMessage(2014, LogLevel.Warning, "removing stale interfaces failed")]
    public static partial void StaleInterfacesStay(ILogger logger, Exception exception);

    [LoggerMessage(2015, LogLevel.Warning, "the shim of the failed start of container {Id} did not end by itself and was killed")]
    public static partial void ShimKilled(ILogger logger, string id);

    [LoggerMessage(2016, LogLevel.Error, "the health checks of container {Id} ended")]
    public static partial void HealthChecksFailed(ILogger logger, string id, Exception exception);

    [LoggerMessage(2021, LogLevel.Warning, "the bandwidth limits of container {Id} cannot be read")]
    public static partial void LimitsUnreadable(ILogger logger, string id, Exception exception);

    [LoggerMessage(2022, LogLevel.Warning, "volume plugin {Driver} failed for volume {Name}")]
    public static partial void PluginFailed(ILogger logger, string driver, string name, Exception exception);

    [LoggerMessage(2020, LogLevel.Warning, "volume {Name} stays mounted")]
    public static partial void UnmountFailed(ILogger logger, string name, Exception exception);

    [LoggerMessage(2017, LogLevel.Warning, "compressing older log files of \"{Path}\" failed")]
    public static partial void CompressionFailed(ILogger logger, string path, Exception exception);

    [LoggerMessage(2018, LogLevel.Warning, "sending log entries of container {Id} failed, and is tried again: {Reason}")]
    public static partial void ForwardingFailed(ILogger logger, string id, string reason);

    [LoggerMessage(2019, LogLevel.Error, "sending log entries ended")]
    public static partial void ForwardingEnded(ILogger logger, Exception exception);

    [LoggerMessage(2024, LogLevel.Warning, "User namespaces: root cannot be remapped with itself; user namespaces are OFF")]
    public static partial void RootIsNotRemapped(ILogger logger);

    [LoggerMessage(2025, LogLevel.Information, "User namespaces: containers have the ranges of {User} (group {Group}): root is {Uid}:{Gid}")]
    public static partial void Remapped(ILogger logger, string user, string group, uint uid, uint gid);

    [LoggerMessage(2026, LogLevel.Error, "the AppArmor profile of containers is not loaded")]
    public static partial void AppArmorFailed(ILogger logger, Exception exception);

    [LoggerMessage(2023, LogLevel.Error, "container {Id} cannot be stopped")]
    public static partial void ShutdownFailed(ILogger logger, string id, Exception exception);
}
