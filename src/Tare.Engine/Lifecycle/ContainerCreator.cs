using Tare.Engine.Containers;
using Tare.Engine.Errors;
using Tare.Engine.Images;
using Tare.Engine.Layers;
using Tare.Engine.Links;
using Tare.Engine.Mounts;
using Tare.Engine.Networks;
using Tare.Engine.Security;
using Tare.Engine.Specs;
using Tare.Engine.State;
using Tare.Engine.Users;
using Tare.Engine.Validation;

namespace Tare.Engine.Lifecycle;

/// <summary>Creates containers: checks, merges with the image, reserves the name, makes folders and volumes, stores the record. Every step undoes itself on failure.</summary>
/// <param name="parts">The engine's parts.</param>
/// <param name="findImage">Finds an image by the user's name, or throws Docker's NotFound.</param>
/// <param name="holdImages">Keeps the layers that were found until the container's record has them.</param>
internal sealed class ContainerCreator(EngineParts parts, Func<string, ImageRecord> findImage, Func<ImageLease> holdImages)
{
    private const int NameAttempts = 20;

    /// <summary>Creates a container.</summary>
    public async Task<CreatedContainer> CreateAsync(CreateContainerRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ContainerConfig config = request.Config;
        HostConfig host = request.HostConfig ?? new HostConfig();
        List<string> warnings = [];
        string? wantedName = string.IsNullOrEmpty(request.Name) ? null : ContainerNames.Normalise(request.Name);
        await using ImageLease held = holdImages();
        ImageRecord image = findImage(config.Image);
        if (request.Platform is { Length: > 0 } platform && ImageService.Mismatch(image, config.Image, platform) is { } mismatch)
        {
            throw new EngineException(ErrorClass.NotFound, mismatch);
        }

        HostConfigDefaults.Apply(host, parts.Machine.CgroupVersion, parts.Options);
        ContainerValidator.Check(config, host, parts.Machine, warnings);
        if (parts.Remap is not null)
        {
            UserRemap.Check(host);
        }

        ImageConfigMerge.Apply(config, image.Config);
        CheckOptions(host);
        CheckJoined(host.IpcMode);
        CheckJoined(host.PidMode);
        NetworkLimits.Take(config, host);
        long layerSize = LayerSize.Take(config, host, parts.Options.DefaultLayerSizeBytes);
        if (request.TellsOldMacAddress && config.MacAddress is { Length: > 0 })
        {
            warnings.Add("The container-wide MacAddress field is now deprecated. It should be specified in EndpointsConfig instead.");
        }

        string id = ContainerNames.NewId();
        Dictionary<string, EndpointSettings> endpoints = new EndpointPlan(parts.Paths.DataRoot).Make(config, host, request.NetworkingConfig, parts.Containers);
        CompleteHostname(config, host, id);
        List<ContainerLink>? links = new ContainerLinks(parts.Containers).Resolve(host.Links);
        host.Links = null;

        await using CleanupStack undo = new(parts.Log, id);
        string name = ReserveName(wantedName, id);
        undo.Push(() => parts.Containers.Release(name, id));
        MakeFolders(id);
        undo.Push(() => Directory.Delete(parts.Paths.Container(id), recursive: true));
        uint layerProject = AssignProject(id, layerSize);
        undo.Push(() => parts.Layers.Release(layerProject));
        List<string> command = ImageConfigMerge.CommandOf(config);
        ContainerDocument document = new()
        {
            Created = parts.Time.GetUtcNow(),
            Path = command[0],
            Args = command[1..],
            ImageId = image.Id,
            ManifestDigest = image.Document.ManifestDigest,
            Config = config,
            HostConfig = host,
            Endpoints = endpoints,
            Links = links,
            LayerSizeBytes = layerSize,
            LayerProject = layerProject,
            ChainIds = image.Document.ChainIds,
            Mounts = await new MountPreparation(parts).ResolveAsync(config, host, request.ReadOnlyNonRecursive, image, findImage, undo),
        };
        Container container = new(id, name, document, new RunDocument(), parts.Paths);
        await parts.Records.InsertAsync(container);
        parts.Containers.Add(container);
        undo.Keep();
        parts.Publish(container, "create");
        return new CreatedContainer(id, warnings);
    }

    /// <summary>Finds faults that would otherwise show only at the start.</summary>
    private static void CheckOptions(HostConfig host)
    {
        Capabilities.Choose(host.CapAdd, host.CapDrop, host.Privileged);
        if (SecurityOptions.Parse(host.SecurityOpt).Seccomp is { } profile and not "unconfined")
        {
            SeccompSelection.Parse(profile);
        }

        foreach (string rule in host.DeviceCgroupRules ?? [])
        {
            DeviceSelection.ParseRule(rule);
        }
    }

    /// <summary>A container whose namespace is to be joined must be there; that it runs is asked at the start.</summary>
    private void CheckJoined(string mode)
    {
        if (Modes.IsContainer(mode, out string? name) && parts.Containers.TryFind(name) is null)
        {
            EngineErrors.ThrowInvalid($"No such container: {name}");
        }
    }

    private void CompleteHostname(ContainerConfig config, HostConfig host, string id)
    {
        if (Modes.IsContainer(host.NetworkMode, out string? other) && parts.Containers.TryFind(other) is { } joined)
        {
            (config.Hostname, config.Domainname) = (joined.Document.Config.Hostname, joined.Document.Config.Domainname);
        }
        else if (config.Hostname.Length == 0)
        {
            config.Hostname = host.NetworkMode == "host" ? Environment.MachineName : id[..12];
        }
    }

    private string ReserveName(string? wanted, string id)
    {
        if (wanted is not null)
        {
            parts.Containers.Reserve(wanted, id);
            return wanted;
        }

        for (int attempt = 0; attempt < NameAttempts; attempt++)
        {
            string name = ContainerNames.MakeUp(attempt);
            if (parts.Containers.TryReserve(name, id))
            {
                return name;
            }
        }

        string last = id[..12];
        parts.Containers.Reserve(last, id);
        return last;
    }

    private uint AssignProject(string id, long bytes)
    {
        string folder = parts.Paths.Container(id);
        return parts.Layers.Assign([folder + "/upper", folder + "/work"], bytes);
    }

    private void MakeFolders(string id)
    {
        string folder = parts.Paths.Container(id);
        const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        Directory.CreateDirectory(folder, Private);
        Directory.CreateDirectory(folder + "/upper");
        Directory.CreateDirectory(folder + "/work");
        Directory.CreateDirectory(folder + "/rootfs");
    }
}
