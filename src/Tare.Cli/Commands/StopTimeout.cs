using System.Globalization;
using Tare.Cli.CommandLine;

namespace Tare.Cli.Commands;

/// <summary>The two spellings of the time to wait for a stop: <c>--timeout</c>, and <c>--time</c> of older scripts.</summary>
internal static class StopTimeout
{
    /// <summary>The value as the API has it; empty when neither was given.</summary>
    public static string Text(ValueFlag<long> timeout, ValueFlag<long> time)
    {
        ValueFlag<long> given = timeout.IsSet ? timeout : time;
        return given.IsSet ? given.Value.ToString(CultureInfo.InvariantCulture) : string.Empty;
    }
}
