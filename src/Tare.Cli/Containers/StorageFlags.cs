using Tare.Cli.CommandLine;

namespace Tare.Cli.Containers;

/// <summary>The options of run and create about files: volumes, mounts, devices.</summary>
internal sealed class StorageFlags(FlagSet flags)
{
    public ListFlag<string> Volumes { get; } = flags.List("volume", 'v', "Bind mount a volume or a folder");
    public ListFlag<MountSpecification> Mounts { get; } = flags.Add(
        new ListFlag<MountSpecification>("mount", '\0', "mount", "Attach a file system to the container", MountSpecification.Parse));
    public ListFlag<string> Tmpfs { get; } = flags.List("tmpfs", '\0', "Mount a tmpfs folder");
    public ListFlag<string> VolumesFrom { get; } = flags.List("volumes-from", '\0', "Mount the volumes of other containers");
    public ValueFlag<string> VolumeDriver { get; } = flags.Text("volume-driver", '\0', "Volume driver for the container");
    public ListFlag<string> StorageOptions { get; } = flags.List("storage-opt", '\0', "Storage driver options for the container");
    public ValueFlag<bool> ReadOnly { get; } = flags.Switch("read-only", '\0', "Mount the container's root file system read-only");
    public ListFlag<DeviceSpecification> Devices { get; } = flags.Add(
        new ListFlag<DeviceSpecification>("device", '\0', "list", "Add a device of the host", DeviceSpecification.Parse));
    public ValueFlag<string> Gpus { get; } = flags.Text("gpus", '\0', "GPUs of the container: 'all', a number, or device=ID[,ID]");
    public ListFlag<string> DeviceCgroupRules { get; } = flags.List("device-cgroup-rule", '\0', "Add a rule to the allowed devices");
    public ValueFlag<long> ShmSize { get; } = flags.Bytes("shm-size", '\0', "Size of /dev/shm");
}
