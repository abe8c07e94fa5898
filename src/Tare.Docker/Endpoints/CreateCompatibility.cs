using Tare.Docker.Routing;
using Tare.Engine.Containers;
using Tare.Engine.Errors;

namespace Tare.Docker.Endpoints;

/// <summary>
/// What container create means to clients of older versions of the API: fields that came later are passed over or refused, and defaults are those of the time (Docker Engine API, version history).
/// </summary>
internal static class CreateCompatibility
{
    /// <summary>Changes a request to what its version means.</summary>
    /// <exception cref="EngineException">InvalidArgument: something was asked for that the version does not have and that cannot be passed over (dockerd's texts).</exception>
    /// <param name="create">The request; its documents are changed.</param>
    /// <param name="version">The client's version.</param>
    /// <param name="cgroupVersion">The machine's, 1 or 2.</param>
    public static CreateContainerRequest Apply(CreateContainerRequest create, ApiVersion version, int cgroupVersion)
    {
        int minor = version.Minor;
        HostConfig host = create.HostConfig ?? new HostConfig();
        if (minor < 25)
        {
            host.AutoRemove = false;
        }

        if (minor < 40 && host.IpcMode.Length == 0)
        {
            host.IpcMode = "shareable";
        }

        if (minor < 41 && cgroupVersion == 1 && host.CgroupnsMode.Length == 0)
        {
            host.CgroupnsMode = "host";
        }

        if (minor < 42)
        {
            host.ConsoleSize = [0, 0];
        }

        if (minor < 43)
        {
            host.Annotations = null;
        }

        foreach (MountSpec mount in host.Mounts ?? [])
        {
            Apply(mount, minor);
        }

        if (minor < 44)
        {
            ApplyBefore44(create);
        }

        return create with
        {
            HostConfig = host,
            Platform = minor < 41 ? null : create.Platform,
            TellsOldMacAddress = minor >= 44,
            ReadOnlyNonRecursive = minor < 44,
        };
    }

    private static void Apply(MountSpec mount, int minor)
    {
        if (mount.BindOptions is { } bind)
        {
            bind.NonRecursive &= minor >= 40;
            bind.CreateMountpoint &= minor >= 42;
            if (minor < 44 && bind.ReadOnlyForceRecursive && mount.Type == "bind")
            {
                throw new EngineException(ErrorClass.InvalidArgument, "BindOptions.ReadOnlyForceRecursive needs API v1.44 or newer");
            }
        }

        if (minor < 42)
        {
            mount.VolumeOptions = mount.Type == "volume" ? mount.VolumeOptions : null;
            mount.TmpfsOptions = mount.Type == "tmpfs" ? mount.TmpfsOptions : null;
        }

        if (minor < 45 && mount.VolumeOptions?.Subpath is { Length: > 0 })
        {
            throw new EngineException(ErrorClass.InvalidArgument, "VolumeOptions.Subpath needs API v1.45 or newer");
        }

        if (minor < 48 && mount.Type == "image")
        {
            throw new EngineException(ErrorClass.InvalidArgument, "Mount type \"Image\" needs API v1.48 or newer");
        }
    }

    private static void ApplyBefore44(CreateContainerRequest create)
    {
        create.Config.Healthcheck?.StartInterval = 0;
        if (create.NetworkingConfig?.EndpointsConfig is not { Count: > 0 } endpoints)
        {
            return;
        }

        if (endpoints.Count > 1)
        {
            throw new EngineException(ErrorClass.InvalidArgument, "Container cannot be created with multiple network endpoints: " + string.Join(", ", endpoints.Keys));
        }

        // The address of the container is what these versions have; one of an endpoint was passed over.
        foreach (EndpointSettings? endpoint in endpoints.Values)
        {
            endpoint?.MacAddress = "";
        }
    }
}
