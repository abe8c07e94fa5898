using Tare.Cli.Client;
using Tare.Cli.CommandLine;

namespace Tare.Cli.Streams;

/// <summary>Finds the detach keys that hold: those of the option, else those of the user's configuration, else empty for the daemon's default.</summary>
internal static class DetachKeySetting
{
    /// <summary>The keys as the user names them.</summary>
    public static string Resolve(ValueFlag<string> option) => option.IsSet ? option.Value : ClientConfiguration.Text("detachKeys");
}
