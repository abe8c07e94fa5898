using Tare.Linux;
using Tare.Linux.DBus;
using Tare.Linux.Interop;
using Tare.Runtime.Containers;
using Tare.Runtime.Plan;

namespace Tare.Runtime.Cgroups;

/// <summary>
/// A transient scope of systemd, which makes the cgroup and leaves it to the runtime (Delegate). A scope lives as long as a process is in it: until the
/// container's is born there, a child of this process holds the place. Disposing ends that child and nothing else.
/// </summary>
internal sealed class SystemdScope : IDisposable
{
    private const string Service = "org.freedesktop.systemd1";
    private const string ManagerPath = "/org/freedesktop/systemd1";
    private const string Manager = "org.freedesktop.systemd1.Manager";
    private const string DefaultBus = "/run/dbus/system_bus_socket";
    private readonly LaunchedChild _holder;

    private SystemdScope(LaunchedChild holder) => _holder = holder;

    /// <summary>Finds where a container's scope is: of the system's manager, or of the user's own where this process has no privileges.</summary>
    /// <param name="cgroupsPath">linux.cgroupsPath.</param>
    /// <param name="id">The container's id.</param>
    /// <exception cref="RuntimeException">The path is of another form, or the user's manager does not answer.</exception>
    public static SystemdUnit Locate(string? cgroupsPath, string id)
    {
        if (Libc.geteuid() == 0)
        {
            return SystemdUnit.Parse(cgroupsPath, id);
        }

        SystemdUnit unit = SystemdUnit.Parse(cgroupsPath, id, usual: "user.slice");
        string manager = "";
        Talk("ask for the cgroup of the user's units", bus =>
        {
            DBusMessage reply = bus.CallMethod(Service, ManagerPath, "org.freedesktop.DBus.Properties", "Get", "ss", arguments => arguments.String(Manager).String("ControlGroup"));
            DBusReader reader = new(reply.Body);
            manager = reader.Signature() == "s" ? reader.String() : throw new DBusException(Service + ".ControlGroup", "it is no text");
        });
        return unit with { Manager = manager.TrimEnd('/') };
    }

    /// <summary>Starts a scope and returns when systemd has made its cgroup.</summary>
    /// <param name="unit">Slice and name.</param>
    /// <param name="id">The container, for the unit's description.</param>
    /// <param name="properties">Limits, and properties from annotations, which come last and win.</param>
    /// <exception cref="RuntimeException">systemd does not run, or refuses.</exception>
    public static SystemdScope Start(SystemdUnit unit, string id, IEnumerable<SystemdProperty> properties)
    {
        LaunchedChild holder = Hold();
        try
        {
            List<SystemdProperty> all =
            [
                SystemdProperty.Of("Description", "tare container " + id), SystemdProperty.Of("Slice", unit.Slice), SystemdProperty.Of("Delegate", true),
                SystemdProperty.Of("PIDs", [(uint)holder.Pid]), SystemdProperty.Of("DefaultDependencies", false), SystemdProperty.Of("MemoryAccounting", true),
                SystemdProperty.Of("CPUAccounting", true), SystemdProperty.Of("TasksAccounting", true), SystemdProperty.Of("IOAccounting", true), .. properties,
            ];
            Talk($"start unit \"{unit.Name}\"", bus =>
            {
                bus.AddMatch($"type='signal',interface='{Manager}',member='JobRemoved'");
                bus.CallMethod(Service, ManagerPath, Manager, "Subscribe");
                AwaitJob(bus, StartTransient(bus, unit, all));
            });
            return new SystemdScope(holder);
        }
        catch
        {
            holder.Abandon();
            throw;
        }
    }

    /// <summary>Stops a scope; one that is gone is fine.</summary>
    /// <exception cref="RuntimeException">systemd does not run, or refuses.</exception>
    public static void Stop(string unit) => Talk($"stop unit \"{unit}\"", bus =>
    {
        bus.AddMatch($"type='signal',interface='{Manager}',member='JobRemoved'");
        bus.CallMethod(Service, ManagerPath, Manager, "Subscribe");
        try
        {
            DBusMessage reply = bus.CallMethod(Service, ManagerPath, Manager, "StopUnit", "ss", arguments => arguments.String(unit).String("replace"));
            AwaitJob(bus, new DBusReader(reply.Body).String());
        }
        catch (DBusException failure) when (failure.Name == Service + ".NoSuchUnit")
        {
            // Scopes end by themselves with their last process.
        }

        Reset(bus, unit);
    });

    /// <summary>Changes limits of a scope that runs.</summary>
    /// <exception cref="RuntimeException">systemd does not run, or refuses.</exception>
    public static void Set(string unit, IReadOnlyList<SystemdProperty> properties) => Talk($"set properties of unit \"{unit}\"", bus =>
        bus.CallMethod(Service, ManagerPath, Manager, "SetUnitProperties", "sba(sv)", arguments => SystemdProperty.WriteAll(arguments.String(unit).Boolean(true), properties)));

    /// <inheritdoc/>
    public void Dispose() => _holder.Abandon();

    private static string StartTransient(DBusConnection bus, SystemdUnit unit, IReadOnlyList<SystemdProperty> properties)
    {
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                DBusMessage reply = bus.CallMethod(Service, ManagerPath, Manager, "StartTransientUnit", "ssa(sv)a(sa(sv))", arguments =>
                {
                    SystemdProperty.WriteAll(arguments.String(unit.Name).String("replace"), properties);
                    arguments.Array(8, static _ => { });
                });
                return new DBusReader(reply.Body).String();
            }
            catch (DBusException failure) when (attempt == 0 && failure.Name == Service + ".UnitExists")
            {
                Reset(bus, unit.Name); // a failed unit of an earlier container keeps its name
            }
        }
    }

    private static void Reset(DBusConnection bus, string unit)
    {
        try
        {
            bus.CallMethod(Service, ManagerPath, Manager, "ResetFailedUnit", "s", arguments => arguments.String(unit));
        }
        catch (DBusException)
        {
            // It has not failed, or is gone: then there is nothing to reset.
        }
    }

    // JobRemoved(u id, o job, s unit, s result)
    private static void AwaitJob(DBusConnection bus, string job)
    {
        DBusMessage removed = bus.AwaitSignal(signal => signal.Member == "JobRemoved" && Job(signal).Path == job);
        if (Job(removed).Result is not "done" and { } result)
        {
            throw new DBusException(Service + ".JobFailed", $"the job ended with \"{result}\"");
        }
    }

    private static (string Path, string Result) Job(DBusMessage signal)
    {
        DBusReader reader = new(signal.Body);
        reader.UInt32();
        string path = reader.String();
        reader.String();
        return (path, reader.String());
    }

    private static void Talk(string operation, Action<DBusConnection> talk)
    {
        try
        {
            using DBusConnection bus = DBusConnection.Connect(BusPath());
            talk(bus);
        }
        catch (Exception failure) when (failure is DBusException or LinuxException)
        {
            throw new RuntimeException(ErrorKind.Step, $"systemd: {operation}: {failure.Message}", (failure as LinuxException)?.Errno ?? Errno.None, failure);
        }
    }

    // The user's own manager is asked on the user's bus (sd_bus_default_user(3)).
    private static string BusPath()
    {
        const string PathPrefix = "unix:path=";
        bool system = Libc.geteuid() == 0;
        string address = Environment.GetEnvironmentVariable(system ? "DBUS_SYSTEM_BUS_ADDRESS" : "DBUS_SESSION_BUS_ADDRESS") ?? "";
        if (address.StartsWith(PathPrefix, StringComparison.Ordinal))
        {
            return address[PathPrefix.Length..].Split([',', ';'])[0];
        }

        return system ? DefaultBus
            : Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } folder ? folder + "/bus"
            : throw new RuntimeException(ErrorKind.Invalid, "the bus of this user's systemd is not known: neither DBUS_SESSION_BUS_ADDRESS nor XDG_RUNTIME_DIR is set");
    }

    private static unsafe LaunchedChild Hold()
    {
        const int DeathSignal = 1; // PR_SET_PDEATHSIG
        List<Slot> slots = [];
        PlanMemory memory = new();
        PlanBuilder child = new(memory, slots, PlanBuilder.UsualOfParent, explain: false);
        child.Call("prctl", Syscalls.Prctl, "end with the parent", DeathSignal, Libc.SIGKILL, 0, 0, 0);
        child.Add(StepKind.Sync, "sync", "ready", PlanExecutor.SyncReady, 0);
        ulong* all = (ulong*)memory.Allocate(sizeof(ulong));
        *all = ulong.MaxValue;
        child.Call("rt_sigtimedwait", Syscalls.RtSigtimedwait, "the end", (nint)all, 0, 0, sizeof(ulong)).Tolerant();
        using SetupPlan plan = new(memory, slots, new PlanBuilder(memory, slots, PlanBuilder.UsualOfParent, explain: false), child, 0, null);
        return PlanLauncher.Launch(plan, null, static (errno, _) => new RuntimeException(ErrorKind.Step, errno.ToString()), static (_, _) => { });
    }
}
