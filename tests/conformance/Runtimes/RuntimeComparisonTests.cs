using System.Globalization;
using System.Text.Json.Nodes;

namespace Tare.ConformanceTests.Runtimes;

/// <summary>The same bundles through runc, crun and tare-runtime: a probe inside sees the same, but for <see cref="IntendedDifference.All"/>.</summary>
public sealed class RuntimeComparisonTests(PeerRoot root) : IClassFixture<PeerRoot>
{
    private static readonly string[] s_allCapabilities =
    [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_MKNOD", "CAP_NET_RAW", "CAP_SETGID", "CAP_SETUID", "CAP_SETFCAP", "CAP_SETPCAP", "CAP_NET_BIND_SERVICE",
        "CAP_SYS_CHROOT", "CAP_KILL", "CAP_AUDIT_WRITE",
    ];

    [Fact]
    public void TheDefaultConfiguration() => Same(new ComparedBundle(root));

    [Fact]
    public void AWritableRootWithNothingMasked() => Same(new ComparedBundle(root).Edit(config =>
    {
        config["root"]!["readonly"] = false;
        config["linux"]!["maskedPaths"] = new JsonArray();
        config["linux"]!["readonlyPaths"] = new JsonArray();
        config["process"]!["noNewPrivileges"] = false;
    }));

    [Fact]
    public void AUserNamespace() => Same(WithUserNamespace(new ComparedBundle(root) { Populate = OwnedByMappedRoot }));

    [Fact]
    public void AUserNamespaceAndAnotherUser() => Same(WithUserNamespace(new ComparedBundle(root) { Populate = OwnedByMappedRoot })
        .Edit(config => config["process"]!["user"] = Parse("""{ "uid": 1000, "gid": 1000, "umask": 23, "additionalGids": [5, 2000] }""")));

    [Fact]
    public void Limits() => Same(new ComparedBundle(root).Edit(config => config["linux"]!["resources"] = Parse("""
        {
            "memory": { "limit": 67108864, "reservation": 33554432, "swap": 134217728 },
            "cpu": { "shares": 512, "quota": 50000, "period": 100000, "cpus": "0", "mems": "0" },
            "pids": { "limit": 64 },
            "devices": [
                { "allow": false, "access": "rwm" },
                { "allow": true, "type": "c", "major": 10, "minor": 229, "access": "rwm" },
                { "allow": true, "type": "b", "access": "m" }
            ]
        }
        """)));

    [Fact]
    public void ManyMountsAndOptions() => Same(new ComparedBundle(root) { Populate = WithSources }.Edit(config =>
    {
        JsonArray mounts = config["mounts"]!.AsArray();
        string source = root.Folder + "/bundle/source";
        mounts.Add(Mount("/m/plain", "bind", source, "bind"));
        mounts.Add(Mount("/m/recursive", "bind", source, "rbind"));
        mounts.Add(Mount("/m/readonly", "bind", source, "rbind", "ro"));
        mounts.Add(Mount("/m/rro", "bind", source, "rbind", "rro"));
        mounts.Add(Mount("/m/options", "bind", source, "rbind", "nosuid", "nodev", "noexec", "noatime"));
        mounts.Add(Mount("/m/recursively", "bind", source, "rbind", "rnosuid", "rnodev", "rnoexec"));
        mounts.Add(Mount("/m/shared", "bind", source, "rbind", "rshared"));
        mounts.Add(Mount("/m/slave", "bind", source, "rbind", "rslave"));
        mounts.Add(Mount("/m/unbindable", "bind", source, "bind", "unbindable"));
        mounts.Add(Mount("/m/file", "bind", source + "/file", "bind", "ro"));
        mounts.Add(Mount("m/relative", "bind", source, "bind"));
        mounts.Add(Mount("/m/tmpfs", "tmpfs", "tmpfs", "size=1m", "mode=1770", "nr_inodes=100", "uid=5", "gid=6"));
        mounts.Add(Mount("/m/tmpfs-ro", "tmpfs", "tmpfs", "ro", "nosuid", "nodev", "noexec", "nodiratime"));
        mounts.Add(Mount("/m/strict", "tmpfs", "tmpfs", "strictatime"));
        mounts.Add(Mount("/m/nosymfollow", "tmpfs", "tmpfs", "nosymfollow"));
        mounts.Add(Mount("/m/copied", "tmpfs", "tmpfs", "tmpcopyup"));
        mounts.Add(Mount("/m/closed", "tmpfs", "tmpfs", "size=1m"));
        mounts.Add(Mount("/m/none", "none", source, "rbind", "rprivate"));
        mounts.Add(Mount("/link/below", "tmpfs", "tmpfs"));
        mounts.Add(Mount("/m/proc", "proc", "proc", "ro", "hidepid=2"));
    }));

    [Fact]
    public void DockersSeccompProfile() => Same(new ComparedBundle(root).Edit(config =>
    {
        config["linux"]!["seccomp"] = DockersProfile();
        config["root"]!["readonly"] = false;
        WithCapabilities(config, s_allCapabilities);
    }));

    [Fact]
    public void MaskedAndReadOnlyPaths() => Same(new ComparedBundle(root) { Populate = WithSources }.Edit(config =>
    {
        config["root"]!["readonly"] = false;
        config["linux"]!["maskedPaths"] = new JsonArray("/proc/interrupts", "/sys/firmware", "/m/masked", "/m/masked-file", "/not/there");
        config["linux"]!["readonlyPaths"] = new JsonArray("/m/fixed", "/proc/sys", "/m/fixed-file", "/not/there");
    }));

    [Fact]
    public void ATerminal() => Same(new ComparedBundle(root) { OnTerminal = true }.Edit(config => config["process"]!["terminal"] = true));

    [Fact]
    public void ATerminalForAnotherUser() => Same(new ComparedBundle(root) { OnTerminal = true }.Edit(config =>
    {
        config["process"]!["terminal"] = true;
        config["process"]!["user"] = Parse("""{ "uid": 1000, "gid": 1000 }""");
        config["process"]!["consoleSize"] = Parse("""{ "height": 40, "width": 100 }""");
    }));

    [Fact]
    public void ResourceLimits() => Same(new ComparedBundle(root).Edit(config => config["process"]!["rlimits"] = Parse("""
        [
            { "type": "RLIMIT_NOFILE", "hard": 512, "soft": 256 },
            { "type": "RLIMIT_CORE", "hard": 0, "soft": 0 },
            { "type": "RLIMIT_STACK", "hard": 16777216, "soft": 4194304 },
            { "type": "RLIMIT_NPROC", "hard": 500, "soft": 400 },
            { "type": "RLIMIT_AS", "hard": 18446744073709551615, "soft": 18446744073709551615 },
            { "type": "RLIMIT_FSIZE", "hard": 1000000, "soft": 1000000 },
            { "type": "RLIMIT_MEMLOCK", "hard": 65536, "soft": 65536 }
        ]
        """)));

    [Fact]
    public void CapabilitiesOfRoot() => Same(new ComparedBundle(root).Edit(config => WithCapabilities(config, s_allCapabilities)));

    [Fact]
    public void AmbientCapabilitiesOfAnotherUser() => Same(new ComparedBundle(root).Edit(config =>
    {
        config["process"]!["user"] = Parse("""{ "uid": 1000, "gid": 1000, "additionalGids": [2000, 27], "umask": 7 }""");
        WithCapabilities(config, s_allCapabilities);
        config["process"]!["capabilities"]!["inheritable"] = new JsonArray("CAP_NET_RAW", "CAP_KILL");
        config["process"]!["capabilities"]!["ambient"] = new JsonArray("CAP_NET_RAW", "CAP_KILL");
    }));

    [Fact]
    public void UnknownCapabilitiesAndNone() => Same(new ComparedBundle(root).Edit(config => config["process"]!["capabilities"] = Parse("""{ "bounding": ["CAP_NOT_THERE"], "effective": [], "permitted": [] }""")));

    // Without the section runc leaves the process every capability that runc has; we grant none, as crun does.
    [Fact]
    public void NoCapabilitiesGiven()
        => Assert.Contains("  tare+crun: CapEff:\t0000000000000000", new ComparedBundle(root).Edit(config => config["process"]!.AsObject().Remove("capabilities")).Compare());

    [Fact]
    public void Hooks() => Same(new ComparedBundle(root).Edit(config =>
    {
        config["root"]!["readonly"] = false;
        JsonObject hooks = [];
        foreach (string kind in new[] { "prestart", "createRuntime", "createContainer", "startContainer" })
        {
            // Where a hook runs shows in what it sees: the container's processes, its root, its directory. The state's pid and bundle are compared as words.
            hooks[kind] = new JsonArray(new JsonObject
            {
                ["path"] = "/bin/sh",
                ["args"] = new JsonArray("sh", "-c", $"{{ echo {kind} $0 $X; pwd; readlink /proc/self/ns/net; tr , '\\n' | grep -o -E '\"(id|status|bundle)\":\"[^\"]*\"' | sort; env; }} >>{root.Folder}/hooks 2>&1"),
                ["env"] = new JsonArray("X=y", "PATH=/bin"),
            });
        }

        // The last runs in the container's root: its own file.
        hooks["startContainer"]![0]!["args"]![2] = "{ echo startContainer $0 $X; pwd; tr , '\\n' | grep -o '\"status\":\"[^\"]*\"'; env; } >/hooked";
        config["hooks"] = hooks;
        config["process"]!["args"] = new JsonArray("sh", "-c", $"echo == hooks; sed 's/net:.*/net/' /hooks /hooked; rm /hooked; > /hooks; . /probe.sh");
        config["mounts"]!.AsArray().Add(Mount("/hooks", "bind", root.Folder + "/hooks", "bind"));
        File.WriteAllText(root.Folder + "/hooks", "");
    }));

    [Fact]
    public void Sysctls() => Same(new ComparedBundle(root).Edit(config => config["linux"]!["sysctl"] = Parse("""
        { "net.ipv4.ip_unprivileged_port_start": "1", "net.ipv4.ping_group_range": "0 1000", "net.core.somaxconn": "77", "kernel.msgmax": "9000", "kernel.shm_rmid_forced": "1", "fs.mqueue.msg_max": "20", "kernel.domainname": "here" }
        """)));

    [Theory]
    [InlineData("private")]
    [InlineData("rprivate")]
    [InlineData("slave")]
    [InlineData("rslave")]
    [InlineData("shared")]
    [InlineData("rshared")]
    [InlineData("unbindable")]
    public void RootPropagation(string propagation) => Same(new ComparedBundle(root) { Populate = WithSources }.Edit(config =>
    {
        config["linux"]!["rootfsPropagation"] = propagation;
        config["mounts"]!.AsArray().Add(Mount("/m/plain", "bind", root.Folder + "/bundle/source", "rbind"));
    }));

    [Fact]
    public void IdentityAndDirectory() => Same(new ComparedBundle(root).Edit(config =>
    {
        config["process"]!["user"] = Parse("""{ "uid": 1000, "gid": 2000, "additionalGids": [1, 2, 65534], "umask": 45 }""");
        config["process"]!["cwd"] = "/tmp/new/directory";
        config["root"]!["readonly"] = false;
        config["process"]!["env"] = new JsonArray("PATH=/bin", "EMPTY=", "A=b=c", "A=last", "TERM=dumb");
        config["process"]!["oomScoreAdj"] = 300;
        config["hostname"] = "named";
        config["domainname"] = "domain";
    }));

    [Fact]
    public void NoNamespacesButTheMount() => Same(new ComparedBundle(root).Edit(config =>
    {
        config["linux"]!["namespaces"] = Parse("""[ { "type": "mount" } ]""");
        config["linux"]!["maskedPaths"] = new JsonArray();
        config["linux"]!["readonlyPaths"] = new JsonArray();
        config.AsObject().Remove("hostname");
    }));

    [Fact]
    public void ACgroupNamespace() => Same(new ComparedBundle(root).Edit(config => config["linux"]!["namespaces"]!.AsArray().Add(Parse("""{ "type": "cgroup" }"""))));

    [Fact]
    public void Devices() => Same(new ComparedBundle(root).Edit(config =>
    {
        config["linux"]!["devices"] = Parse("""
            [
                { "path": "/dev/fuse", "type": "c", "major": 10, "minor": 229, "fileMode": 438, "uid": 0, "gid": 0 },
                { "path": "/dev/below/disk", "type": "b", "major": 8, "minor": 0, "fileMode": 416, "uid": 5, "gid": 6 },
                { "path": "/dev/pipe", "type": "p", "fileMode": 384 },
                { "path": "/dev/plain", "type": "c", "major": 1, "minor": 3 }
            ]
            """);
        WithCapabilities(config, s_allCapabilities);
    }));

    [Fact]
    public void AReadOnlyDeviceFolder() => Same(new ComparedBundle(root).Edit(config => config["mounts"]![1]!["options"] = new JsonArray("nosuid", "mode=755", "size=64k", "ro")));

    [Fact]
    public void ExecWithNothingGiven() => Same(new ComparedBundle(root) { Exec = [] });

    [Fact]
    public void ExecWithNothingMasked() => Same(new ComparedBundle(root) { Exec = [] }.Edit(config => config["linux"]!["maskedPaths"] = new JsonArray()));

    [Fact]
    public void ExecWithOptions() => Same(new ComparedBundle(root)
    {
        Exec = ["--user", "1000:2000", "--additional-gids", "7", "--additional-gids", "8", "--cwd", "/tmp", "--env", "ADDED=1", "--cap", "CAP_KILL", "--cap", "CAP_NET_RAW", "--no-new-privs"],
    });

    [Fact]
    public void ExecOnATerminal() => Same(new ComparedBundle(root) { Exec = ["--tty"], OnTerminal = true });

    [Fact]
    public void ExecIntoAUserNamespaceWithSeccomp() => Same(WithUserNamespace(new ComparedBundle(root) { Exec = ["--user", "1000"], Populate = OwnedByMappedRoot })
        .Edit(config => config["linux"]!["seccomp"] = DockersProfile()));

    [Fact]
    public void NamespacesJoinedByPath()
    {
        // A process that keeps namespaces for the container to join.
        using System.Diagnostics.Process keeper = root.Start(["unshare", "--net", "--ipc", "--uts", "sh", "-c", "hostname joined; echo $$; exec sleep 1000"]);
        try
        {
            int pid = int.Parse(keeper.StandardOutput.ReadLine()!, CultureInfo.InvariantCulture);
            ComparedBundle bundle = new(root);
            foreach (string kind in new[] { "net", "ipc", "uts" })
            {
                bundle.KnownNamespaces[new FileInfo($"/proc/{pid}/ns/{kind}").LinkTarget!] = "the joined one";
                bundle.Edit(config => config["linux"]!["namespaces"]!.AsArray().First(entry => (string)entry!["type"]! == (kind == "net" ? "network" : kind))!["path"] = $"/proc/{pid}/ns/{kind}");
            }

            Same(bundle.Edit(config => config.AsObject().Remove("hostname")));
        }
        finally
        {
            keeper.Kill(entireProcessTree: true);
            keeper.WaitForExit();
        }
    }

    private static void Same(ComparedBundle bundle)
    {
        IReadOnlyList<string> differences = bundle.Compare();
        Assert.True(differences.Count == 0, "runc and tare-runtime differ:\n" + string.Join('\n', differences));
    }

    private static ComparedBundle WithUserNamespace(ComparedBundle bundle) => bundle.Edit(config =>
    {
        config["linux"]!["namespaces"]!.AsArray().Add(Parse("""{ "type": "user" }"""));
        config["linux"]!["uidMappings"] = Parse("""[ { "containerID": 0, "hostID": 200000, "size": 65536 } ]""");
        config["linux"]!["gidMappings"] = Parse("""[ { "containerID": 0, "hostID": 300000, "size": 65536 } ]""");
    });

    private static void OwnedByMappedRoot(string rootfs) => Command.Run("/bin/chown", ["-R", "200000:300000", rootfs]).Ok();

    // Besides what the image has: a source with a mount point's worth of content beside the root, links, and places to mask.
    private static void WithSources(string rootfs)
    {
        string source = Path.GetDirectoryName(rootfs) + "/source";
        Directory.CreateDirectory(source + "/inner");
        File.WriteAllText(source + "/file", "");
        foreach (string folder in new[] { "m/masked", "m/fixed", "m/copied", "m/target" })
        {
            Directory.CreateDirectory($"{rootfs}/{folder}");
            File.WriteAllText($"{rootfs}/{folder}/content", "");
        }

        File.WriteAllText(rootfs + "/m/masked-file", "");
        File.WriteAllText(rootfs + "/m/fixed-file", "");
        Directory.CreateDirectory(rootfs + "/m/closed", UnixFileMode.UserRead | UnixFileMode.UserExecute);
        File.CreateSymbolicLink(rootfs + "/link", "/m/target");
    }

    private static JsonObject Mount(string destination, string type, string source, params string[] options)
        => new() { ["destination"] = destination, ["type"] = type, ["source"] = source, ["options"] = new JsonArray([.. options.Select(option => (JsonNode)option)]) };

    private static void WithCapabilities(JsonNode config, string[] names)
    {
        foreach (string set in new[] { "bounding", "effective", "permitted" })
        {
            config["process"]!["capabilities"]![set] = new JsonArray([.. names.Select(name => (JsonNode)name)]);
        }
    }

    // As a genuine dockerd wrote it; the unit tests' file names the calls that all variants allow once.
    private static JsonNode DockersProfile()
    {
        JsonNode captured = JsonNode.Parse(File.ReadAllText(Path.Combine(Programs.SourceRoot(), "tests/unit/Linux/Seccomp/docker-seccomp.json")))!;
        JsonNode profile = captured["variants"]!["default"]!.DeepClone();
        profile.AsObject().Remove("caps");
        profile["syscalls"]!.AsArray().Insert(0, new JsonObject { ["names"] = captured["common"]!.DeepClone(), ["action"] = "SCMP_ACT_ALLOW" });
        return profile;
    }

    private static JsonNode Parse(string json) => JsonNode.Parse(json)!;
}
