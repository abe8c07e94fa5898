using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Tare.Linux.Cgroups;
using Tare.Linux.Interop;
using Tare.Oci.Runtime;
using Tare.Runtime.Containers;

namespace Tare.Runtime.Commands;

/// <summary><c>events</c>: what a container uses, once or at an interval, and when it runs out of memory; a line of JSON each.</summary>
internal static unsafe class EventsCommand
{
    private const int DefaultSeconds = 5;

    /// <summary>Runs the command.</summary>
    public static int Run(CommandContext context, CommandLineReader reader)
    {
        bool once = false;
        int milliseconds = DefaultSeconds * 1000;
        while (reader.NextOption())
        {
            switch (reader.Option)
            {
                case "stats":
                    once = reader.Flag();
                    break;
                case "interval":
                    milliseconds = Duration(reader.Value());
                    break;
                default:
                    throw reader.Unknown("events");
            }
        }

        StoredContainer container = context.Store.Load(reader.Single("events", "the container's id"));
        if (container.Status == ContainerStatus.Stopped)
        {
            throw new RuntimeException(ErrorKind.WrongState, $"container with id {container.Id} is not running");
        }

        if (once)
        {
            Print(container, "stats");
            return 0;
        }

        Follow(container, milliseconds);
        return 0;
    }

    // As Go's time.ParseDuration, in whole milliseconds: 5s, 500ms, 1m30s, 2h.
    internal static int Duration(string text)
    {
        double total = 0;
        int at = 0;
        while (at < text.Length)
        {
            int start = at;
            while (at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] == '.'))
            {
                at++;
            }

            int unit = at;
            while (at < text.Length && char.IsAsciiLetter(text[at]))
            {
                at++;
            }

            double factor = text[unit..at] switch { "ms" => 1, "s" => 1000, "m" => 60_000, "h" => 3_600_000, _ => double.NaN };
            total += double.TryParse(text[start..unit], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double count) ? count * factor : double.NaN;
            if (at == start)
            {
                break;
            }
        }

        return total is >= 1 and <= int.MaxValue ? (int)total : throw new RuntimeException(ErrorKind.Invalid, $"invalid duration \"{text}\" for --interval: 5s, 500ms, 1m30s…");
    }

    private static void Follow(StoredContainer container, int milliseconds)
    {
        using OutOfMemoryWatch? watch = OutOfMemoryWatch.TryOpen(container.Cgroup);
        long kills = container.Cgroup.OutOfMemoryKills();
        Libc.pollfd waited = new() { fd = watch is null ? -1 : (int)watch.Descriptor.DangerousGetHandle(), events = Libc.POLLIN };
        while (container.Status != ContainerStatus.Stopped)
        {
            bool announced = Libc.poll(&waited, 1, milliseconds) > 0;
            if (announced)
            {
                watch!.Clear();
            }

            long now = announced ? OutOfMemoryWatch.KillsAfterEvent(container.Cgroup, kills) : container.Cgroup.OutOfMemoryKills();
            if (now > kills)
            {
                Print(container, "oom");
            }

            kills = now;
            if (!announced && container.Status != ContainerStatus.Stopped)
            {
                Print(container, "stats");
            }
        }
    }

    private static void Print(StoredContainer container, string type)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer, PlainJsonEncoder.WriterOptions()))
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, type);
            writer.WriteString("id"u8, container.Id);
            if (type == "stats")
            {
                new StatisticsWriter(writer, container.Cgroup).Write();
            }

            writer.WriteEndObject();
        }

        MessageLog.WriteStdout(Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n");
    }
}
