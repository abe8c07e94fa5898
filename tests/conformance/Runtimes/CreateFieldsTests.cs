namespace Tare.ConformanceTests.Runtimes;

/// <summary>
/// The body of container create, field by field: a tared and a genuine dockerd get the same body, and must tell the same of the container, refuse the same in the same words,
/// and the process inside must find the same. dockerd's containers run by tare-runtime here, so that what differs is the daemon's doing.
/// </summary>
public sealed class CreateFieldsTests(ComparedDaemons daemons) : IClassFixture<ComparedDaemons>
{
    private const string Status = "grep -E 'Groups|Cap|NoNewPrivs|Seccomp|[UG]id' /proc/self/status";
    private const string Cgroups = "g() { for d in /sys/fs/cgroup/$1 /sys/fs/cgroup; do [ -f $d/$2 ] && { echo $2 $(cat $d/$2); return; }; done; }; ";
    // The hierarchy beside the controllers of v1 is hidden from the peers.
    private const string CgroupMounts = "grep ' /sys/fs/cgroup' /proc/self/mountinfo | grep -v unified | awk '{print $5,$6}' | sort";

    /// <summary>Name, body, script.</summary>
    public static TheoryData<string, string, string> Fields => new()
    {
        { "none", "", Status + "; pwd; env | sort" },
        { "HostConfig null", "\"HostConfig\":null", "true" },
        { "privileged", Host("\"Privileged\":true"), Status + "; ls /dev | sort; cat /proc/mounts | awk '{print $2,$3,$4}' | grep -v -e ' overlay ' -e unified | sort" },
        { "gpus", Host("\"DeviceRequests\":[{\"Count\":-1,\"Capabilities\":[[\"gpu\"]]}]"), "true" },
        { "gpus of a driver", Host("\"DeviceRequests\":[{\"Driver\":\"nvidia\",\"Count\":1,\"Capabilities\":[[\"gpu\",\"compute\"]]}]"), "true" },
        { "CDI unknown", Host("\"DeviceRequests\":[{\"Driver\":\"cdi\",\"DeviceIDs\":[\"vendor.com/dev=x\",\"nonsense\"]}]"), "true" },
        { "CDI with a count", Host("\"DeviceRequests\":[{\"Driver\":\"cdi\",\"Count\":2,\"DeviceIDs\":[\"vendor.com/dev=x\"]}]"), "true" },
        { "writable-cgroups", Host("\"SecurityOpt\":[\"writable-cgroups=true\"]"), CgroupMounts },
        { "writable-cgroups bare", Host("\"SecurityOpt\":[\"writable-cgroups\"]"), CgroupMounts },
        { "writable-cgroups off and privileged", Host("\"Privileged\":true,\"SecurityOpt\":[\"writable-cgroups=false\"]"), CgroupMounts },
        { "writable-cgroups wrong", Host("\"SecurityOpt\":[\"writable-cgroups=maybe\"]"), "true" },
        { "label", Host("\"SecurityOpt\":[\"label=type:svirt_t\",\"label=level:s0:c1,c2\"]"), "true" },
        { "label wrong", Host("\"SecurityOpt\":[\"label=nonsense:x\"]"), "true" },
        { "apparmor", Host("\"SecurityOpt\":[\"apparmor=unconfined\"]"), "true" },
        { "security option unknown", Host("\"SecurityOpt\":[\"nonsense=1\"]"), "true" },
        { "security option unknown, bare", Host("\"SecurityOpt\":[\"nonsense\"]"), "true" },
        { "no-new-privileges", Host("\"SecurityOpt\":[\"no-new-privileges=T\"]"), Status },
        { "seccomp unconfined", Host("\"SecurityOpt\":[\"seccomp:unconfined\"]"), Status },
        { "storage option unknown", Host("\"StorageOpt\":{\"foo\":\"x\"}"), "true" },
        { "links unknown", Host("\"Links\":[\"nosuch:alias\"]"), "true" },
        { "links wrong", Host("\"Links\":[\"a:b:c\"]"), "true" },
        { "blkio device missing", Host("\"BlkioDeviceReadIOps\":[{\"Path\":\"/dev/nosuch\",\"Rate\":100}]"), "true" },
        { "real-time runtime above period", Host("\"CpuRealtimePeriod\":1000,\"CpuRealtimeRuntime\":95000"), "true" },
        { "cpu", Host("\"CpuShares\":512,\"CpuPeriod\":50000,\"CpuQuota\":25000,\"CpusetCpus\":\"0\",\"CpusetMems\":\"0\""), Cgroups + "g cpu cpu.shares; g cpu cpu.cfs_quota_us; g cpu cpu.cfs_period_us; g cpuset cpuset.cpus; g cpu cpu.max; g cpu cpu.weight" },
        { "NanoCpus below zero", Host("\"NanoCpus\":-5"), "true" },
        { "memory", Host("\"Memory\":67108864,\"MemoryReservation\":33554432"), Cgroups + "g memory memory.limit_in_bytes; g memory memory.memsw.limit_in_bytes; g memory memory.soft_limit_in_bytes; g memory memory.max" },
        { "OomKillDisable", Host("\"Memory\":67108864,\"OomKillDisable\":true"), Cgroups + "g memory memory.oom_control" },
        { "KernelMemory", Host("\"KernelMemory\":67108864"), "true" },
        { "OomScoreAdj", Host("\"OomScoreAdj\":500"), "cat /proc/self/oom_score_adj" },
        { "PidsLimit", Host("\"PidsLimit\":50"), Cgroups + "g pids pids.max" },
        { "PidsLimit without limit", Host("\"PidsLimit\":-1"), Cgroups + "g pids pids.max" },
        { "cgroupns private", Host("\"CgroupnsMode\":\"private\""), "cat /proc/self/cgroup" },
        { "cgroupns wrong", Host("\"CgroupnsMode\":\"foo\""), "true" },
        { "GroupAdd", Host("\"GroupAdd\":[\"77\",\"78\"]"), "id -G" },
        { "GroupAdd unknown", Host("\"GroupAdd\":[\"nosuch\"]"), "true" },
        { "MaskedPaths", Host("\"MaskedPaths\":[\"/proc/version\",\"/etc\"]"), "cat /proc/version | wc -c; ls /etc | wc -l" },
        { "MaskedPaths empty", Host("\"MaskedPaths\":[],\"ReadonlyPaths\":[]"), "grep ' /proc' /proc/self/mountinfo | awk '{print $5,$6}' | sort" },
        { "ReadonlyPaths", Host("\"ReadonlyPaths\":[\"/bin\"]"), "touch /bin/x 2>/dev/null; echo $?" },
        { "isolation", Host("\"Isolation\":\"default\""), "true" },
        { "isolation of Windows", Host("\"Isolation\":\"hyperv\""), "true" },
        { "QoS of Windows", Host("\"IOMaximumBandwidth\":4"), "true" },
        { "ConsoleSize", Host("\"ConsoleSize\":[20,77]"), "true" },
        { "annotations", Host("\"Annotations\":{\"a.b/c\":\"d\"}"), "true" },
        { "annotation without name", Host("\"Annotations\":{\"\":\"d\"}"), "true" },
        { "runtime unknown", Host("\"Runtime\":\"nosuch\""), "true" },
        { "StopTimeout", "\"StopTimeout\":3,\"StopSignal\":\"SIGINT\"", "true" },
        { "StopSignal wrong", "\"StopSignal\":\"SIGFOO\"", "true" },
        { "Domainname", "\"Hostname\":\"h1\",\"Domainname\":\"example.org\"", "cat /proc/sys/kernel/domainname; hostname; cat /etc/hostname; tail -1 /etc/hosts" },
        { "MacAddress", "\"MacAddress\":\"02:42:ac:11:00:99\"", "cat /sys/class/net/eth0/address" },
        { "MacAddress of the endpoint", "\"NetworkingConfig\":{\"EndpointsConfig\":{\"bridge\":{\"MacAddress\":\"02:42:ac:11:00:98\"}}},\"Tty\":false", "cat /sys/class/net/eth0/address" },
        { "MacAddress twice", "\"MacAddress\":\"02:42:ac:11:00:99\",\"NetworkingConfig\":{\"EndpointsConfig\":{\"bridge\":{\"MacAddress\":\"02:42:ac:11:00:98\"}}}", "true" },
        { "MacAddress wrong", "\"MacAddress\":\"nonsense\"", "true" },
        { "ExposedPorts", "\"ExposedPorts\":{\"80/tcp\":{},\"53/udp\":{}}", "true" },
        { "NetworkDisabled", "\"NetworkDisabled\":true", "ls /sys/class/net" },
        { "uts host", Host("\"UTSMode\":\"host\""), "hostname" },
        { "ipc host", Host("\"IpcMode\":\"host\""), "readlink /proc/self/ns/ipc" },
        { "pid host", Host("\"PidMode\":\"host\""), "readlink /proc/self/ns/pid" },
        { "ipc none", Host("\"IpcMode\":\"none\""), "ls -d /dev/shm" },
        { "sysctls", Host("\"Sysctls\":{\"kernel.msgmax\":\"65000\",\"net.ipv4.ip_forward\":\"0\"}"), "cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/msgmax" },
        { "ulimits", Host("\"Ulimits\":[{\"Name\":\"nofile\",\"Soft\":100,\"Hard\":200}]"), "ulimit -n; ulimit -Hn" },
        { "devices", Host("\"Devices\":[{\"PathOnHost\":\"/dev/loop-control\",\"PathInContainer\":\"/dev/lc\",\"CgroupPermissions\":\"r\"}]"), "ls -l /dev/lc | cut -c1-20" },
        { "device missing", Host("\"Devices\":[{\"PathOnHost\":\"/dev/nosuch\",\"PathInContainer\":\"/dev/lc\",\"CgroupPermissions\":\"r\"}]"), "true" },
        { "capabilities", Host("\"CapAdd\":[\"NET_ADMIN\",\"cap_sys_time\"],\"CapDrop\":[\"CHOWN\"]"), Status },
        { "capability unknown", Host("\"CapAdd\":[\"FOO\"]"), "true" },
        { "read-only root", Host("\"ReadonlyRootfs\":true"), "touch /x /dev/shm/x 2>/dev/null; ls /x /dev/shm/x 2>/dev/null" },
        { "ExtraHosts", Host("\"ExtraHosts\":[\"a:1.2.3.4\",\"b:host-gateway\",\"c:::1\"]"), "tail -4 /etc/hosts" },
        { "ExtraHosts wrong", Host("\"ExtraHosts\":[\"a\"]"), "true" },
        { "ExtraHosts without address", Host("\"ExtraHosts\":[\"a:zzz\"]"), "true" },
        { "Dns wrong", Host("\"Dns\":[\"zzz\"]"), "true" },
        { "tmpfs option of the long form", Host("\"Mounts\":[{\"Type\":\"tmpfs\",\"Target\":\"/x\",\"TmpfsOptions\":{\"Options\":[[\"nr_inodes\",\"10\"]]}}]"), "true" },
        { "environment", "\"Env\":[\"A=b\",\"NOPE\"]", "env | sort" },
        { "user unknown", "\"User\":\"nosuch\"", "true" },
        { "user out of range", "\"User\":\"-1\"", "true" },
        { "health check of an unknown kind", "\"Healthcheck\":{\"Test\":[\"FOO\",\"true\"]}", "true" },
        { "bind mode wrong", Host("\"Binds\":[\"/tmp:/v:foo\"]"), "true" },
    };

    [Theory]
    [MemberData(nameof(Fields))]
    public async Task BothDoTheSame(string name, string body, string script)
    {
        CreatedContainer docker = await CreatedContainer.OfAsync(daemons.Docker.Root.Folder + "/docker.sock", body, script);
        CreatedContainer tare = await CreatedContainer.OfAsync(daemons.Tare.Socket, body, script);
        Assert.True(docker == tare, $"{name}:\n{Difference(docker, tare)}");
    }

    private static string Host(string members) => $"\"HostConfig\":{{{members}}}";

    private static string Difference(CreatedContainer docker, CreatedContainer tare)
    {
        string[] there = docker.ToString().Split('\n');
        string[] here = tare.ToString().Split('\n');
        return $"only dockerd:\n{string.Join('\n', there.Except(here))}\nonly tared:\n{string.Join('\n', here.Except(there))}";
    }
}
