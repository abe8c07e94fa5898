using System.Diagnostics.CodeAnalysis;

namespace Tare.Engine.Validation;

/// <summary>Reads Docker's namespace modes.</summary>
internal static class Modes
{
    /// <summary>The container named by a mode <c>container:NAME</c>.</summary>
    public static bool IsContainer(string mode, [NotNullWhen(true)] out string? container)
    {
        const string Prefix = "container:";
        container = mode.StartsWith(Prefix, StringComparison.Ordinal) ? mode[Prefix.Length..] : null;
        return container is not null;
    }

    /// <summary>Whether a container of this network mode is not on the default bridge.</summary>
    public static bool IsOutsideBridge(string mode) => mode is not ("" or "default" or "bridge");

    /// <summary>Whether a network mode names a network of its own, not <c>bridge</c>, <c>host</c>, <c>none</c> or a container's.</summary>
    public static bool IsUserNetwork(string mode) =>
        mode is not ("" or "default" or "bridge" or "host" or "none") && !IsContainer(mode, out _);
}
