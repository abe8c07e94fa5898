using Tare.Cli.CommandLine;

namespace Tare.Cli.Containers;

/// <summary>The options of run and create about the container as a thing: its name, labels, logs, health and end.</summary>
internal sealed class LifecycleFlags(FlagSet flags)
{
    public ValueFlag<string> Name { get; } = flags.Text("name", '\0', "Name of the container");
    public ListFlag<string> Labels { get; } = flags.List("label", 'l', "Set a label on the container", FlagValues.Label);
    public ListFlag<string> LabelFiles { get; } = flags.List("label-file", '\0', "Read labels from a file");
    public ListFlag<string> Annotations { get; } = flags.List("annotation", '\0', "Add an annotation that is passed to the OCI runtime");
    public ValueFlag<bool> AutoRemove { get; } = flags.Switch("rm", '\0', "Remove the container and its anonymous volumes when it exits");
    public ValueFlag<string> Restart { get; } = flags.Text("restart", '\0', "Restart policy when the container exits", "no");
    public ValueFlag<string> CidFile { get; } = flags.Text("cidfile", '\0', "Write the container ID to a file");
    public ValueFlag<string> LogDriver { get; } = flags.Text("log-driver", '\0', "Log driver of the container");
    public ListFlag<string> LogOptions { get; } = flags.List("log-opt", '\0', "Options of the log driver");
    public ValueFlag<string> Runtime { get; } = flags.Text("runtime", '\0', "OCI runtime of the container");
    public ValueFlag<string> Isolation { get; } = flags.Text("isolation", '\0', "Isolation technology of the container");
    public ValueFlag<string> Platform { get; } = flags.Text("platform", '\0', "Platform of the image, where it has several");
    public ValueFlag<string> Pull { get; } = flags.Text("pull", '\0', "When to pull the image (\"always\", \"missing\", \"never\")", "missing");
    public ValueFlag<bool> Quiet { get; } = flags.Switch("quiet", 'q', "Show no progress of the pull");
    public ValueFlag<string> HealthCommand { get; } = flags.Text("health-cmd", '\0', "Command that checks the health");
    public ValueFlag<long> HealthInterval { get; } = Duration(flags, "health-interval", "Time between two checks (ms|s|m|h)");
    public ValueFlag<long> HealthTimeout { get; } = Duration(flags, "health-timeout", "Longest time of a check (ms|s|m|h)");
    public ValueFlag<long> HealthStartPeriod { get; } = Duration(flags, "health-start-period", "Time to start before failures count (ms|s|m|h)");
    public ValueFlag<long> HealthStartInterval { get; } = Duration(flags, "health-start-interval", "Time between two checks while starting (ms|s|m|h)");
    public ValueFlag<long> HealthRetries { get; } = flags.Integer("health-retries", '\0', "Failures in a row that mean unhealthy");
    public ValueFlag<bool> NoHealthCheck { get; } = flags.Switch("no-healthcheck", '\0', "Disable the health check of the image");
    public ValueFlag<bool> DisableContentTrust { get; } = flags.Switch("disable-content-trust", '\0', "Skip the verification of signatures", initial: true);

    private static ValueFlag<long> Duration(FlagSet flags, string name, string description) =>
        flags.Add(new ValueFlag<long>(name, '\0', "duration", description, 0, GoDuration.ParseNanoseconds) { DefaultText = "0s" });
}
