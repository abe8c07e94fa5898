using System.Globalization;
using Tare.Docker.Routing;
using Tare.Engine.Errors;

namespace Tare.Docker.Endpoints;

/// <summary>Reads the size of a terminal.</summary>
internal static class TerminalSize
{
    /// <summary>The parameters <c>h</c> and <c>w</c>.</summary>
    /// <exception cref="EngineException">InvalidArgument: one is missing or no number (Docker's text).</exception>
    public static (int Height, int Width) FromQuery(ApiRequest request) => (Parse("height", request.Query("h")), Parse("width", request.Query("w")));

    private static int Parse(string what, string? text) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint value)
        ? (int)Math.Min(value, ushort.MaxValue)
        : throw new EngineException(ErrorClass.InvalidArgument, $"invalid resize {what} \"{text}\": invalid syntax");
}
