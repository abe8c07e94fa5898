using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Http;
using Tare.Docker.Documents;
using Tare.Docker.Routing;
using Tare.Engine;
using Tare.Engine.Machine;

namespace Tare.Docker.Endpoints;

/// <summary>Operations about the daemon itself.</summary>
/// <param name="time">The clock.</param>
internal sealed class SystemEndpoints(TimeProvider time)
{
    /// <summary><c>GET /_ping</c> and <c>HEAD /_ping</c>.</summary>
    public static async Task PingAsync(ApiRequest request)
    {
        HttpResponse response = request.Context.Response;
        response.Headers["Builder-Version"] = "1";
        response.Headers["Swarm"] = "inactive";
        response.Headers.CacheControl = "no-cache, no-store, must-revalidate";
        response.Headers.Pragma = "no-cache";
        response.ContentType = "text/plain; charset=utf-8";
        if (HttpMethods.IsHead(request.Context.Request.Method))
        {
            response.ContentLength = 0;
            return;
        }

        response.ContentLength = 2;
        await response.Body.WriteAsync("OK"u8.ToArray(), request.Aborted);
    }

    /// <summary><c>GET /version</c>.</summary>
    public static Task VersionAsync(ApiRequest request)
    {
        string kernel = KernelRelease();
        Dictionary<string, string> details = new()
        {
            ["ApiVersion"] = ApiVersion.Current.ToString(),
            ["Arch"] = Architecture,
            ["BuildTime"] = "",
            ["Experimental"] = "false",
            ["GitCommit"] = "",
            ["GoVersion"] = "",
            ["KernelVersion"] = kernel,
            ["MinAPIVersion"] = ApiVersion.Minimum.ToString(),
            ["Os"] = "linux",
        };
        VersionDocument version = new(
            new PlatformDocument("Tare"),
            [
                new ComponentDocument("Engine", DockerApi.EngineVersion, details),
                new ComponentDocument("tared", DockerApi.ProductVersion, new Dictionary<string, string> { ["Runtime"] = RuntimeInformation.FrameworkDescription }),
            ],
            DockerApi.EngineVersion, ApiVersion.Current.ToString(), ApiVersion.Minimum.ToString(), "", "", "linux", Architecture, kernel, "");
        return request.WriteJsonAsync(version, ApiRequest.Json.VersionDocument);
    }

    /// <summary><c>GET /info</c>.</summary>
    public Task InfoAsync(ApiRequest request)
    {
        SystemInformation machine = request.Engine.System.Information();
        return request.WriteJsonAsync(Info(machine, request.Engine.Options, request.Version, time.GetUtcNow()), ApiRequest.Json.InfoDocument);
    }

    /// <summary>Go's name of this machine's architecture.</summary>
    private static string Architecture => RuntimeInformation.ProcessArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => "amd64",
        System.Runtime.InteropServices.Architecture.Arm64 => "arm64",
        var other => other.ToString().ToLowerInvariant(),
    };

    private static string KernelRelease() => File.ReadAllText("/proc/sys/kernel/osrelease").Trim();

    private static InfoDocument Info(SystemInformation machine, TareEngineOptions options, ApiVersion version, DateTimeOffset now) => new()
    {
        Id = machine.Id,
        LoggingDriver = options.LogDriver,
        Containers = machine.Containers,
        ContainersRunning = machine.ContainersRunning,
        ContainersPaused = machine.ContainersPaused,
        ContainersStopped = machine.ContainersStopped,
        Images = machine.Images,
        CdiSpecDirs = machine.CdiFolders,
        DiscoveredDevices = version.Minor < 50 || machine.CdiDevices.Count == 0 ? null : [.. machine.CdiDevices.Select(name => new DiscoveredDeviceDocument("cdi", name))],
        Labels = options.Labels,
        ExperimentalBuild = options.Experimental,
        DriverStatus = [["Backing Filesystem", machine.BackingFileSystem], ["Supports d_type", "true"], ["Using metacopy", "false"], ["Native Overlay Diff", "true"], ["userxattr", "false"]],
        MemoryLimit = machine.MemoryLimit,
        SwapLimit = machine.SwapLimit,
        CpuCfsPeriod = machine.CpuCfs,
        CpuCfsQuota = machine.CpuCfs,
        CpuShares = machine.CpuShares,
        CpuSet = machine.CpuSet,
        PidsLimit = machine.PidsLimit,
        BridgeFilter = version.Minor < 50 ? false : null,
        BridgeFilterIPv6 = version.Minor < 50 ? false : null,
        IPv4Forwarding = machine.IPv4Forwarding,
        Debug = options.IsDebug,
        NFd = machine.FileDescriptors,
        OomKillDisable = machine.CgroupVersion == 1 && machine.MemoryLimit,
        NGoroutines = machine.Threads,
        SystemTime = GoTime.Format(now),
        CgroupDriver = machine.CgroupDriver,
        CgroupVersion = machine.CgroupVersion.ToString(CultureInfo.InvariantCulture),
        NEventsListener = machine.EventListeners,
        KernelVersion = machine.KernelVersion,
        OperatingSystem = machine.OperatingSystem,
        OsVersion = machine.OsVersion,
        Architecture = machine.Architecture,
        RegistryConfig = Registries(machine),
        Cpus = machine.Cpus,
        MemTotal = machine.MemoryBytes,
        DockerRootDir = machine.DataRoot,
        Name = machine.HostName,
        ServerVersion = DockerApi.EngineVersion,
        Runtimes = new Dictionary<string, RuntimeDocument> { ["tare-runtime"] = new(options.RuntimePath) },
        SecurityOptions = machine.SecurityOptions,
        LiveRestoreEnabled = options.LiveRestore,
        Warnings = machine.Warnings.Count == 0 ? null : machine.Warnings,
    };

    private static RegistryConfigDocument Registries(SystemInformation machine)
    {
        List<string> mirrors = [.. machine.RegistryMirrors.Select(mirror => mirror.EndsWith('/') ? mirror : mirror + "/")];
        Dictionary<string, IndexDocument> indexes = new() { ["docker.io"] = new(mirrors, "docker.io", true, true) };
        List<string> cidrs = ["::1/128", "127.0.0.0/8"];
        foreach (string registry in machine.InsecureRegistries)
        {
            if (registry.Contains('/', StringComparison.Ordinal))
            {
                cidrs.Add(registry);
            }
            else
            {
                indexes[registry] = new([], registry, false, false);
            }
        }

        return new(indexes, cidrs, mirrors.Count == 0 ? null : mirrors);
    }

    /// <summary><c>POST /build/prune</c>: this engine keeps no build cache. It is asked by <c>docker system prune</c>.</summary>
    public static Task PruneBuildCacheAsync(ApiRequest request)
    {
        _ = request.Filters();
        return request.WriteJsonAsync(new BuildCachePrunedDocument(null, 0), ApiRequest.Json.BuildCachePrunedDocument);
    }

    /// <summary><c>POST /tare/system/check?repair=</c>: verifies what the data root keeps of images and containers.</summary>
    public static async Task CheckAsync(ApiRequest request) =>
        await request.WriteJsonAsync(await request.Engine.Check.RunAsync(request.QueryBool("repair"), request.Aborted), ApiRequest.Json.CheckReport);
}
