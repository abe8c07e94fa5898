using System.Text;
using System.Text.Json;
using Tare.Linux.Capabilities;
using Tare.Linux.Cgroups;
using Tare.Oci.Runtime;
using Tare.Runtime.Containers;
using Tare.Runtime.Plan;
using Tare.Runtime.Seccomp;

namespace Tare.Runtime.Commands;

/// <summary><c>plan BUNDLE</c>: prints the steps that <c>create</c> would take, and takes none.</summary>
internal static class PlanCommand
{
    /// <summary>Runs the command.</summary>
    public static int Run(CommandLineReader reader)
    {
        bool json = false;
        while (reader.NextOption())
        {
            json = reader.Option == "json" ? reader.Flag() : throw reader.Unknown("plan");
        }

        string bundle = Path.GetFullPath(reader.Single("plan", "the bundle's folder"));
        RuntimeSpec spec = BundleReader.ReadBundle(bundle, out _);
        Cgroup cgroup = Cgroup.Open(CgroupHierarchies.Current, ContainerLauncher.CgroupPathOf(spec, Path.GetFileName(bundle)));
        SeccompFilter? filter = spec.Linux?.Seccomp is { } section ? SeccompSection.Compile(section) : null;
        // Only who can create containers has this part of the plan.
        if (Linux.Interop.Libc.geteuid() == 0)
        {
            ProgramGuard.Enter();
        }

        using OwnProgram? program = ProgramGuard.ForChild();
        using SetupPlan plan = PlanCompiler.Compile(new CreateInputs
        {
            Spec = spec,
            Explain = true,
            Program = program,
            BundlePath = bundle,
            Id = Path.GetFileName(bundle),
            Cgroups = [.. cgroup.Directories.Select(CgroupViews.Of)],
            Seccomp = filter?.Program,
            SeccompFlags = filter?.Flags ?? 0,
            SeccompNotifies = filter?.Notifies ?? false,
            Bounding = CapabilitySet.Bounding(),
            LastCapability = CapabilitySet.LastOfKernel(),
        });
        MessageLog.WriteStdout(json ? Json(plan) : Text(plan));
        return 0;
    }

    private static string Text(SetupPlan plan)
    {
        StringBuilder text = new();
        text.Append("parent\n");
        Append(text, plan.ParentInfos);
        text.Append("clone3\n  ").Append((Linux.Namespaces.NamespaceType)plan.CloneFlags).Append("\nchild\n");
        Append(text, plan.ChildInfos);
        return text.ToString();
    }

    private static void Append(StringBuilder text, IReadOnlyList<StepInfo> steps)
    {
        for (int i = 0; i < steps.Count; i++)
        {
            StepInfo step = steps[i];
            text.Append($"{i,5}  {step.Call,-14} {step.Subject}");
            text.Append(step.Detail.Length == 0 ? "\n" : $"   ({step.Detail})\n");
        }
    }

    private static string Json(SetupPlan plan)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream, PlainJsonEncoder.WriterOptions(indented: true)))
        {
            writer.WriteStartObject();
            Write(writer, "parent", plan.ParentInfos);
            writer.WriteString("clone3", ((Linux.Namespaces.NamespaceType)plan.CloneFlags).ToString());
            Write(writer, "child", plan.ChildInfos);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    private static void Write(Utf8JsonWriter writer, string name, IReadOnlyList<StepInfo> steps)
    {
        writer.WriteStartArray(name);
        foreach (StepInfo step in steps)
        {
            writer.WriteStartObject();
            writer.WriteString("call", step.Call);
            writer.WriteString("subject", step.Subject);
            writer.WriteString("detail", step.Detail);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
