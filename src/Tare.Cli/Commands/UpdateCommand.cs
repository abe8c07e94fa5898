using System.Buffers;
using System.Text.Json;
using Tare.Cli.CommandLine;
using Tare.Cli.Containers;
using Tare.Cli.Output;

namespace Tare.Cli.Commands;

/// <summary><c>tare update</c>: changes the limits and the restart policy of containers.</summary>
internal sealed class UpdateCommand : Command
{
    // Limits that cannot be changed are no options of this command.
    private static readonly string[] s_changeable =
    [
        "memory", "memory-swap", "memory-reservation", "kernel-memory", "cpus", "cpu-period", "cpu-quota", "cpu-rt-period", "cpu-rt-runtime", "cpu-shares", "cpuset-cpus",
        "cpuset-mems", "pids-limit", "blkio-weight", "device-read-bps", "device-write-bps", "device-read-iops", "device-write-iops", "network-ingress", "network-egress",
    ];

    private FlagSet _flags = null!;
    private ResourceFlags _resources = null!;
    private ValueFlag<string> _restart = null!;
    private ListFlag<string> _storage = null!;

    public override string Usage => "[OPTIONS] CONTAINER [CONTAINER...]";

    public override string Summary => "Update configuration of one or more containers";

    public override IReadOnlyList<string> Spellings => ["container update", "update"];

    public override int MinimumArguments => 1;

    public override void Define(FlagSet flags)
    {
        _flags = flags;
        FlagSet all = new();
        _resources = new ResourceFlags(all);
        foreach (Flag flag in all.Flags.Where(flag => s_changeable.Contains(flag.Name)))
        {
            flags.Add(flag);
        }

        _storage = flags.List("storage-opt", '\0', "Storage driver options for the container");
        _restart = flags.Text("restart", '\0', "Restart policy to apply when a container exits");
    }

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        if (!_flags.Flags.Any(static flag => flag.IsSet))
        {
            throw new CommandException("you must provide one or more flags when using this command");
        }

        byte[] body = Body();
        List<string> warnings = [];
        int result = context.ForEach(arguments, (client, name) =>
        {
            using JsonDocument answer = client.PostJson($"/containers/{name}/update", body);
            lock (warnings)
            {
                warnings.AddRange(answer.RootElement.Texts("Warnings"));
            }
        });
        if (warnings.Count > 0)
        {
            context.Out.WriteLine(string.Join('\n', warnings));
        }

        return result;
    }

    private byte[] Body()
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            JsonFields.NumberUnlessZero(json, "Memory", _resources.Memory.Value);
            JsonFields.NumberUnlessZero(json, "MemorySwap", _resources.MemorySwap.Value);
            JsonFields.NumberUnlessZero(json, "MemoryReservation", _resources.MemoryReservation.Value);
            JsonFields.NumberUnlessZero(json, "NanoCpus", _resources.NanoCpus.Value);
            JsonFields.NumberUnlessZero(json, "CpuPeriod", _resources.CpuPeriod.Value);
            JsonFields.NumberUnlessZero(json, "CpuQuota", _resources.CpuQuota.Value);
            JsonFields.NumberUnlessZero(json, "CpuRealtimePeriod", _resources.CpuRealtimePeriod.Value);
            JsonFields.NumberUnlessZero(json, "CpuRealtimeRuntime", _resources.CpuRealtimeRuntime.Value);
            JsonFields.NumberUnlessZero(json, "CpuShares", _resources.CpuShares.Value);
            JsonFields.TextUnlessEmpty(json, "CpusetCpus", _resources.CpusetCpus.Value);
            JsonFields.TextUnlessEmpty(json, "CpusetMems", _resources.CpusetMems.Value);
            JsonFields.NumberUnlessZero(json, "BlkioWeight", _resources.BlkioWeight.Value);
            JsonFields.TextUnlessEmpty(json, "NetworkIngress", _resources.NetworkIngress.Value);
            JsonFields.TextUnlessEmpty(json, "NetworkEgress", _resources.NetworkEgress.Value);
            HostConfigWriter.WriteRates(json, "BlkioDeviceReadBps", "Rate", _resources.DeviceReadBps.Values);
            HostConfigWriter.WriteRates(json, "BlkioDeviceWriteBps", "Rate", _resources.DeviceWriteBps.Values);
            HostConfigWriter.WriteRates(json, "BlkioDeviceReadIOps", "Rate", _resources.DeviceReadIops.Values);
            HostConfigWriter.WriteRates(json, "BlkioDeviceWriteIOps", "Rate", _resources.DeviceWriteIops.Values);
            JsonFields.Map(json, "StorageOpt", _storage.Values);
            if (_resources.PidsLimit.IsSet)
            {
                json.WriteNumber("PidsLimit", _resources.PidsLimit.Value);
            }

            if (_restart.Value.Length > 0)
            {
                RestartPolicy policy = RestartPolicy.Parse(_restart.Value);
                json.WriteStartObject("RestartPolicy");
                json.WriteString("Name", policy.Name);
                json.WriteNumber("MaximumRetryCount", policy.MaximumRetryCount);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
