namespace Tare.Engine.Logs.Targets;

/// <summary>The drivers that send entries elsewhere.</summary>
internal static class LogTargets
{
    /// <summary>Checks the options of a driver that sends; does nothing for the others.</summary>
    /// <exception cref="Errors.EngineException">InvalidArgument: one is wrong (dockerd's words).</exception>
    public static void Check(string driver, LogOptionReader options)
    {
        switch (driver)
        {
            case "syslog":
                SyslogTarget.Check(options);
                break;
            case "fluentd":
                FluentdTarget.Check(options);
                break;
            case "gelf":
                GelfTarget.Check(options);
                break;
            default:
                // The others have no options of their own.
                break;
        }
    }

    /// <summary>Makes the target of a container whose driver sends.</summary>
    /// <exception cref="Errors.EngineException">InvalidArgument: a file that an option names cannot be read.</exception>
    public static ILogTarget Make(LogSubject subject)
    {
        LogOptionReader options = new(subject.Log.Config ?? []);
        return subject.Log.Type switch
        {
            "syslog" => new SyslogTarget(subject, options),
            "fluentd" => new FluentdTarget(subject, options),
            "gelf" => new GelfTarget(subject, options),
            "journald" => new JournaldTarget(subject),
            _ => throw new ArgumentException($"driver {subject.Log.Type} sends nothing", nameof(subject)),
        };
    }
}
