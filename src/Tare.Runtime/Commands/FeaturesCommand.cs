using System.Text;
using System.Text.Json;
using Tare.Linux.Capabilities;
using Tare.Linux.Namespaces;
using Tare.Oci.Runtime;
using Tare.Runtime.Containers;
using Tare.Runtime.Plan;
using Tare.Runtime.Seccomp;

namespace Tare.Runtime.Commands;

/// <summary><c>features</c>: what this program implements, whatever the machine it runs on (features.md, features-linux.md).</summary>
internal static class FeaturesCommand
{
    private static readonly string[] s_hooks = ["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"];

    private static readonly string[] s_seccompActions =
    [
        "SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD", "SCMP_ACT_LOG", "SCMP_ACT_NOTIFY", "SCMP_ACT_TRACE", "SCMP_ACT_TRAP",
    ];

    private static readonly string[] s_seccompOperators =
        ["SCMP_CMP_EQ", "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_LE", "SCMP_CMP_LT", "SCMP_CMP_MASKED_EQ", "SCMP_CMP_NE"];

    /// <summary>Runs the command.</summary>
    public static int Run(CommandLineReader reader)
    {
        if (reader.NextOption())
        {
            throw reader.Unknown("features");
        }

        reader.None("features");

        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream, PlainJsonEncoder.WriterOptions(indented: true)))
        {
            Write(writer);
        }

        MessageLog.WriteStdout(Encoding.UTF8.GetString(stream.ToArray()) + "\n");
        return 0;
    }

    private static void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("ociVersionMin", "1.0.0");
        writer.WriteString("ociVersionMax", SpecVersion.Current);
        Array(writer, "hooks", s_hooks);
        Array(writer, "mountOptions", MountOptions.Known);
        writer.WriteStartObject("linux");
        Array(writer, "namespaces", NamespaceFiles.All.Select(type => type.ToString().ToLowerInvariant()).Order(StringComparer.Ordinal));
        Array(writer, "capabilities", CapabilitySet.Names);
        writer.WriteStartObject("cgroup");
        writer.WriteBoolean("v1", true);
        writer.WriteBoolean("v2", true);
        writer.WriteBoolean("systemd", true);
        writer.WriteBoolean("systemdUser", true);
        writer.WriteBoolean("rdma", true);
        writer.WriteEndObject();
        writer.WriteStartObject("seccomp");
        writer.WriteBoolean("enabled", true);
        Array(writer, "actions", s_seccompActions);
        Array(writer, "operators", s_seccompOperators);
        Array(writer, "archs", SeccompSection.Architectures);
        Array(writer, "knownFlags", SeccompSection.Flags);
        Array(writer, "supportedFlags", SeccompSection.Flags);
        writer.WriteEndObject();
        Enabled(writer, "apparmor", true);
        Enabled(writer, "selinux", true);
        writer.WriteStartObject("intelRdt");
        writer.WriteBoolean("enabled", true);
        writer.WriteBoolean("schemata", true);
        writer.WriteBoolean("monitoring", true);
        writer.WriteEndObject();
        writer.WriteStartObject("memoryPolicy");
        Array(writer, "modes", SchedulingSteps.MemoryModes);
        Array(writer, "flags", SchedulingSteps.MemoryFlags);
        writer.WriteEndObject();
        Enabled(writer, "netDevices", true);
        writer.WriteStartObject("mountExtensions");
        Enabled(writer, "idmap", true);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteStartObject("annotations");
        // The name that callers of runc look for.
        writer.WriteString("org.opencontainers.runc.checkpoint.enabled", "true");
        writer.WriteEndObject();
        Array(writer, "potentiallyUnsafeConfigAnnotations", ["org.systemd.property.", "org.criu.config"]);
        writer.WriteEndObject();
    }

    private static void Enabled(Utf8JsonWriter writer, string name, bool enabled)
    {
        writer.WriteStartObject(name);
        writer.WriteBoolean("enabled", enabled);
        writer.WriteEndObject();
    }

    private static void Array(Utf8JsonWriter writer, string name, IEnumerable<string> values)
    {
        writer.WriteStartArray(name);
        foreach (string value in values)
        {
            writer.WriteStringValue(value);
        }

        writer.WriteEndArray();
    }
}
