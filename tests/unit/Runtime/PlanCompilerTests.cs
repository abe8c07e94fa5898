using Tare.Linux.Namespaces;
using Tare.Linux.Seccomp;
using Tare.Oci.Runtime;
using Tare.Runtime.Commands;
using Tare.Runtime.Containers;
using Tare.Runtime.Plan;

namespace Tare.UnitTests.Runtime;

public sealed class PlanCompilerTests
{
    private static readonly CgroupView s_pids = new("pids", "/sys/fs/cgroup/pids/c1", ["pids"], IsUnified: false);
    private static readonly CgroupView s_unified = new("unified", "/sys/fs/cgroup/unified/c1", [], IsUnified: true);

    private static CreateInputs Inputs(Action<RuntimeSpec>? change = null)
    {
        RuntimeSpec spec = DefaultSpec.Make(unifiedCgroups: false);
        spec.Process!.Terminal = false;
        change?.Invoke(spec);
        return new CreateInputs { Spec = spec, BundlePath = "/bundle", Id = "c1", Cgroups = [s_pids, s_unified], ClonedIntoUnified = true, IsDirectory = _ => true };
    }

    private static IReadOnlyList<StepInfo> Steps(CreateInputs inputs)
    {
        using SetupPlan plan = PlanCompiler.Compile(inputs);
        return plan.ChildInfos;
    }

    private static int Place(IReadOnlyList<StepInfo> steps, string call, string subject = "")
    {
        int place = steps.ToList().FindIndex(step => step.Call == call && step.Subject.Contains(subject, StringComparison.Ordinal));
        Assert.True(place >= 0, $"no step {call} {subject} in\n{string.Join('\n', steps)}");
        return place;
    }

    private static string Refused(Action<RuntimeSpec> change)
    {
        RuntimeException failure = Assert.Throws<RuntimeException>(() => Steps(Inputs(change)));
        Assert.Equal(ErrorKind.Invalid, failure.Kind);
        return failure.Message;
    }

    [Theory]
    [InlineData("/dev", false)]
    [InlineData("/dev/", false)]
    [InlineData("/dev/x", true)]
    public void NothingIsMadeInADirectoryOfDevicesFromOutside(string destination, bool makes)
    {
        IReadOnlyList<StepInfo> steps = Steps(Inputs(spec => spec.Mounts!.Add(new Mount { Destination = destination, Source = "/dev", Type = "bind", Options = ["rbind"] })));
        Assert.Equal(makes, steps.Any(step => step.Call == "symlinkat"));
        Assert.Equal(makes, steps.Any(step => step.Call == "mknodat"));
        Assert.Equal(makes, steps.Any(step => step is { Call: "unlinkat", Subject: "\"/dev/ptmx\"" }));
    }

    [Fact]
    public void DefaultSpecMakesItsNamespaces()
    {
        using SetupPlan plan = PlanCompiler.Compile(Inputs());
        Assert.Equal(NamespaceType.Pid | NamespaceType.Network | NamespaceType.Ipc | NamespaceType.Uts | NamespaceType.Mount, (NamespaceType)plan.CloneFlags);
        Assert.Null(plan.PidNamespace);
    }

    // A listener is taken over by the process that creates, which is gone once the start gate opens.
    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, false)]
    public void AFilterThatNotifiesIsLoadedBeforeThePlanIsReady(bool notifies, bool noNewPrivileges)
    {
        IReadOnlyList<StepInfo> steps = Steps(Inputs(spec => spec.Process!.NoNewPrivileges = noNewPrivileges) with { Seccomp = [default], SeccompNotifies = notifies });
        Assert.True(Place(steps, "seccomp") < Place(steps, "sync", "ready"));
        Assert.Equal(notifies, steps.Any(step => step is { Call: "sync", Subject: "listener" }));
    }

    [Fact]
    public void StepsStandInTheOrderThatSecurityAsksFor()
    {
        IReadOnlyList<StepInfo> steps = Steps(Inputs());
        int[] order =
        [
            Place(steps, "write", "/pids/c1/tasks"), Place(steps, "sethostname"), Place(steps, "pivot_root"), Place(steps, "umount2"), Place(steps, "capset"),
            Place(steps, "sync", "ready"), Place(steps, "execve", "sh"),
        ];
        Assert.Equal(order.Order(), order);
        Assert.Equal(steps.Count - 1, order[^1]);
    }

    [Fact]
    public void CgroupOfTheCloneIsNotJoinedAgain() => Assert.DoesNotContain(Steps(Inputs()), step => step.Subject.Contains("unified/c1/cgroup.procs", StringComparison.Ordinal));

    [Fact]
    public void UnifiedCgroupIsJoinedWhereCloneCannot()
        => Place(Steps(Inputs() with { ClonedIntoUnified = false }), "write", "/unified/c1/cgroup.procs");

    [Fact]
    public void SeccompIsLoadedLastWithNoNewPrivilegesAndBeforeCapabilitiesWithout()
    {
        SockFilter[] filter = [new SockFilter()];
        IReadOnlyList<StepInfo> last = Steps(Inputs() with { Seccomp = filter });
        Assert.True(Place(last, "seccomp") > Place(last, "capset"));
        IReadOnlyList<StepInfo> early = Steps(Inputs(spec => spec.Process!.NoNewPrivileges = false) with { Seccomp = filter });
        Assert.True(Place(early, "seccomp") < Place(early, "capset"));
    }

    [Fact]
    public void GateStandsBeforeTheExecution()
    {
        IReadOnlyList<StepInfo> steps = Steps(Inputs() with { GatePath = "/run/c1/exec.fifo" });
        Assert.True(Place(steps, "read", "start gate") > Place(steps, "sync", "ready"));
        Assert.True(Place(steps, "close_range", "all other descriptors") < Place(steps, "sync", "ready"));
        Assert.DoesNotContain(Steps(Inputs()), step => step.Subject == "all other descriptors");
    }

    [Fact]
    public void JoinedNamespacesAreEnteredAndNotMade()
    {
        using SetupPlan plan = PlanCompiler.Compile(Inputs(spec => spec.Linux!.Namespaces!.Single(entry => entry.Type == "network").Path = "/proc/7/ns/net"));
        Assert.Equal(0UL, plan.CloneFlags & (ulong)NamespaceType.Network);
        Place(plan.ParentInfos, "openat", "/proc/7/ns/net");
        Place(plan.ChildInfos, "setns", "/proc/7/ns/net");
    }

    [Fact]
    public void JoinedPidNamespaceIsTheParentsToEnter()
    {
        using SetupPlan plan = PlanCompiler.Compile(Inputs(spec => spec.Linux!.Namespaces!.Single(entry => entry.Type == "pid").Path = "/proc/7/ns/pid"));
        Assert.Equal("/proc/7/ns/pid", plan.PidNamespace?.Name);
        Assert.DoesNotContain(plan.ChildInfos, step => step.Call == "setns");
    }

    [Fact]
    public void UserNamespaceWaitsForItsMaps()
    {
        IReadOnlyList<StepInfo> steps = Steps(Inputs(spec =>
        {
            spec.Linux!.Namespaces!.Add(new LinuxNamespace { Type = "user" });
            spec.Linux.UidMappings = spec.Linux.GidMappings = [new IdMapping { ContainerId = 0, HostId = 1000, Size = 1 }];
        }));
        Assert.True(Place(steps, "sync", "id maps") < Place(steps, "pivot_root"));
        Place(steps, "move_mount", "copy of /dev/null"); // a device node cannot be made there
    }

    [Fact]
    public void OverlayNamesItsLayersFromTopToBottom()
    {
        IReadOnlyList<StepInfo> steps = Steps(Inputs() with { Overlay = new RootOverlay(["/l/top", "/l/base"], "/c/upper", "/c/work") });
        Assert.True(Place(steps, "fsconfig", "/l/top") < Place(steps, "fsconfig", "/l/base"));
        Place(steps, "fsconfig", "/c/upper");
    }

    [Fact]
    public void LayersAreOneTextWhereTheKernelTakesThemNotOneByOne()
    {
        RootOverlay overlay = new(["/l/top", "/l/base"], "/c/upper", "/c/work");
        CreateInputs inputs = Inputs(spec => spec.Mounts!.Add(new Mount { Destination = "/image", Type = "overlay", Source = "overlay", Options = ["ro", "lowerdir+=/i/1", "lowerdir+=/i/2"] }));
        IReadOnlyList<StepInfo> steps = Steps(inputs with { Overlay = overlay, AppendsLowerDirs = false });
        Assert.DoesNotContain(steps, static step => step.Call == "fsopen" && step.Subject.Contains("overlay", StringComparison.Ordinal));
        Assert.True(Place(steps, "mount", "overlay at") < Place(steps, "mount", "\"overlay\" at \"/image\""));
        Assert.Equal(Place(steps, "mount", "\"overlay\" at \"/image\"") - 1, Place(steps, "fchdir", "/image"));
    }

    [Fact]
    public void LayersThatAreTooLongTogetherGetShortNames()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("tare-");
        try
        {
            string[] layers = [.. Enumerable.Range(0, 120).Select(number => folder.CreateSubdirectory(new string('l', 60) + number).FullName)];
            RootOverlay overlay = new(layers, "/c/upper", "/c/work");
            CreateInputs inputs = Inputs() with { Overlay = overlay, AppendsLowerDirs = false };
            Assert.Contains("longer than the", Assert.Throws<RuntimeException>(() => Steps(inputs)).Message, StringComparison.Ordinal);
            Assert.Null(LowerNames.ForText(overlay with { LowerDirs = layers[..20] }, inputs.Spec));
            using Tare.Linux.Mounts.FolderDescriptors? names = LowerNames.ForText(overlay, inputs.Spec);
            IReadOnlyList<StepInfo> steps = Steps(inputs with { LowerNames = names });
            Assert.True(Place(steps, "dup3", layers[^1]) < Place(steps, "mount", "overlay at"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void ValuesThatAreTooLongForFsconfigAreMountedByText()
    {
        string option = "lowerdir=" + string.Join(':', Enumerable.Range(0, 30).Select(static number => $"/some/folder/{number}"));
        IReadOnlyList<StepInfo> steps = Steps(Inputs(spec => spec.Mounts!.Add(new Mount { Destination = "/long", Type = "overlay", Options = [option, "sync"] })));
        Assert.Equal(Place(steps, "mount", "\"overlay\" at \"/long\"") - 1, Place(steps, "fchdir", "/long"));
    }

    [Fact]
    public void ALimitedLayerIsPutOnTheRootsPlaceBelowTheOverlay()
    {
        using Microsoft.Win32.SafeHandles.SafeFileHandle mount = File.OpenHandle("/dev/null");
        IReadOnlyList<StepInfo> steps = Steps(Inputs() with { Overlay = new RootOverlay(["/l/base"], "/c/rootfs/upper", "/c/rootfs/work") { UpperMount = mount } });
        Assert.True(Place(steps, "move_mount", "") < Place(steps, "fsconfig", "/c/rootfs/upper"));
        Place(steps, "fsconfig", "xino=on");
    }

    [Fact]
    public void CgroupNamespaceIsMadeAfterTheCgroupsAreJoined()
    {
        IReadOnlyList<StepInfo> steps = Steps(Inputs(spec => spec.Linux!.Namespaces!.Add(new LinuxNamespace { Type = "cgroup" })));
        Assert.True(Place(steps, "unshare", "cgroup") > Place(steps, "write", "/pids/c1/tasks"));
    }

    [Fact]
    public void WrongConfigurationsAreNamed()
    {
        Assert.Contains("given twice", Refused(spec => spec.Linux!.Namespaces!.Add(new LinuxNamespace { Type = "pid" })), StringComparison.Ordinal);
        Assert.Contains("\"nsx\" is unknown", Refused(spec => spec.Linux!.Namespaces!.Add(new LinuxNamespace { Type = "nsx" })), StringComparison.Ordinal);
        Assert.Contains("not absolute", Refused(spec => spec.Linux!.Namespaces![0].Path = "rel"), StringComparison.Ordinal);
        Assert.Contains("uidMappings", Refused(spec => spec.Linux!.Namespaces!.Add(new LinuxNamespace { Type = "user" })), StringComparison.Ordinal);
        Assert.Contains("process is missing", Refused(spec => spec.Process = null), StringComparison.Ordinal);
        Assert.Contains("root is missing", Refused(spec => spec.Root = null), StringComparison.Ordinal);
        Assert.Contains("args is empty", Refused(spec => spec.Process!.Args = []), StringComparison.Ordinal);
        Assert.Contains("no destination", Refused(spec => spec.Mounts!.Add(new Mount { Destination = "" })), StringComparison.Ordinal);
        Assert.Contains("hostname needs a uts namespace", Refused(spec => spec.Linux!.Namespaces!.RemoveAll(entry => entry.Type == "uts")), StringComparison.Ordinal);
        Assert.Contains("mount namespace", Refused(spec => spec.Linux!.Namespaces!.RemoveAll(entry => entry.Type == "mount")), StringComparison.Ordinal);
        Assert.Contains("rootfsPropagation", Refused(spec => spec.Linux!.RootfsPropagation = "sideways"), StringComparison.Ordinal);
    }

    // Namespaces belong to the user namespace in which they are made.
    [Fact]
    public void AJoinedUserNamespaceComesBeforeWhatItOwns()
    {
        CreateInputs inputs = Inputs(spec => spec.Linux!.Namespaces = [.. spec.Linux.Namespaces!, new LinuxNamespace { Type = "user", Path = "/proc/7/ns/user" }]);
        using SetupPlan plan = PlanCompiler.Compile(inputs);
        Assert.Equal(NamespaceType.None, (NamespaceType)plan.CloneFlags);
        int[] order = [Place(plan.ChildInfos, "setns", "/proc/7/ns/user"), Place(plan.ChildInfos, "unshare", "namespaces"), Place(plan.ChildInfos, "clone3", "first process"), plan.ChildInfos.ToList().FindLastIndex(step => step.Call == "setsid"), Place(plan.ChildInfos, "sethostname")];
        Assert.Equal(order.Order(), order);
    }
}
