using System.Globalization;
using Tare.Engine.Containers;
using Tare.Engine.Errors;

namespace Tare.Engine.Layers;

/// <summary>
/// How large a container's writable layer may become: the storage option <c>size</c>, a label for clients that cannot set one, or the daemon's <c>overlay2.size</c>.
/// </summary>
public static class LayerSize
{
    /// <summary>Label for the size.</summary>
    public const string Label = "tare.storage.size";

    private const string Option = "size";

    /// <summary>Reads a size as dockerd does (go-units RAMInBytes): a number with a unit of k, m, g, t or p, in powers of 1024; 0 for no limit.</summary>
    /// <exception cref="FormatException">It is none; the message is dockerd's.</exception>
    public static long Parse(string text)
    {
        string number = text.TrimEnd('b', 'B', 'i', ' ');
        int shift = number.Length == 0 ? 0 : char.ToLowerInvariant(number[^1]) switch { 'k' => 10, 'm' => 20, 'g' => 30, 't' => 40, 'p' => 50, _ => 0 };
        number = (shift > 0 ? number[..^1] : number).TrimEnd(' ');
        double bytes = double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) ? value * (1L << shift) : -1;
        return bytes is >= 0 and <= long.MaxValue / 2 ? (long)bytes : throw new FormatException($"invalid size: '{text}'");
    }

    /// <summary>Takes the label over into the host configuration, checks, and gives the size in bytes; 0 for no limit.</summary>
    /// <param name="config">What runs.</param>
    /// <param name="host">How it runs; the label's size becomes its option.</param>
    /// <param name="usual">The size where none is asked for.</param>
    /// <exception cref="EngineException">An option is unknown, or the size is wrong; in dockerd's words.</exception>
    internal static long Take(ContainerConfig config, HostConfig host, long usual)
    {
        if (Of(host.StorageOpt) is { } asked)
        {
            return asked;
        }

        if (config.Labels?.GetValueOrDefault(Label) is not { Length: > 0 } labelled)
        {
            return usual;
        }

        host.StorageOpt = new Dictionary<string, string> { [Option] = labelled };
        return Of(host.StorageOpt) ?? usual;
    }

    /// <summary>The size that storage options say; null when they say none.</summary>
    /// <exception cref="EngineException">An option is unknown, or the size is wrong; in dockerd's words.</exception>
    internal static long? Of(Dictionary<string, string>? options)
    {
        long? size = null;
        foreach ((string name, string value) in options ?? [])
        {
            if (!name.Equals(Option, StringComparison.OrdinalIgnoreCase))
            {
                throw EngineErrors.Late($"Unknown option {name}");
            }

            try
            {
                size = Parse(value);
            }
            catch (FormatException e)
            {
                throw new EngineException(ErrorClass.Internal, e.Message, e);
            }
        }

        return size;
    }
}
