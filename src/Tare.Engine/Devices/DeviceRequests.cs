using System.Globalization;
using Tare.Engine.Containers;
using Tare.Engine.Errors;
using Tare.Oci.Runtime;

namespace Tare.Engine.Devices;

/// <summary>
/// Devices that a container asks for by driver or capability. The driver <c>cdi</c> takes names of the Container Device Interface; NVIDIA's GPUs (<c>--gpus</c>) are taken from
/// the CDI files of its container toolkit.
/// </summary>
internal static class DeviceRequests
{
    private const string NvidiaKind = "nvidia.com/gpu";
    private static readonly string[] s_nvidiaCapabilities = ["gpu", "nvidia", "compute", "compat32", "graphics", "utility", "video", "display", "ngx"];

    /// <summary>Injects what a container asks for.</summary>
    /// <exception cref="EngineException">Internal: nothing here has such a device, in dockerd's words.</exception>
    /// <param name="spec">The specification; changed.</param>
    /// <param name="requests">What is asked for; null for nothing.</param>
    /// <param name="folders">Folders of CDI files.</param>
    public static void Apply(RuntimeSpec spec, IReadOnlyList<DeviceRequest>? requests, IReadOnlyList<string> folders)
    {
        if (requests is null or [])
        {
            return;
        }

        CdiDevices devices = CdiDevices.Read(folders);
        List<string> names = [];
        foreach (DeviceRequest request in requests)
        {
            names.AddRange(request.Driver == "cdi" ? Named(request) : Gpus(request, devices));
        }

        CdiInjection.Apply(spec, names, devices);
    }

    private static List<string> Named(DeviceRequest request)
    {
        if (request.Count != 0)
        {
            throw EngineErrors.Late("unexpected count in CDI device request");
        }

        return request.Options is { Count: > 0 } ? throw EngineErrors.Late("unexpected options in CDI device request") : request.DeviceIDs ?? [];
    }

    private static List<string> Gpus(DeviceRequest request, CdiDevices devices)
    {
        bool known = request.Driver is "" or "nvidia" && (request.Capabilities ?? []).Exists(set => set.Count > 0 && set.TrueForAll(c => s_nvidiaCapabilities.Contains(c)));
        if (!known || !devices.Names.Any(name => name.StartsWith(NvidiaKind + "=", StringComparison.Ordinal)))
        {
            string wanted = string.Join(' ', (request.Capabilities ?? []).Select(set => $"[{string.Join(' ', set)}]"));
            throw EngineErrors.Late($"could not select device driver \"{request.Driver}\" with capabilities: [{wanted}]");
        }

        return request.DeviceIDs is { Count: > 0 } ids ? [.. ids.Select(id => $"{NvidiaKind}={id}")]
            : request.Count < 0 ? [NvidiaKind + "=all"]
            : [.. Enumerable.Range(0, request.Count).Select(index => string.Create(CultureInfo.InvariantCulture, $"{NvidiaKind}={index}"))];
    }
}
