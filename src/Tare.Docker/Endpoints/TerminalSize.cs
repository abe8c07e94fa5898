using System.Globalization;
using System.Numerics;
using Tare.Docker.Routing;
using Tare.Engine.Errors;

namespace Tare.Docker.Endpoints;

/// <summary>Reads the size of a terminal.</summary>
internal static class TerminalSize
{
    /// <summary>The parameters <c>h</c> and <c>w</c>.</summary>
    /// <exception cref="EngineException">InvalidArgument: one is missing, no number or out of range (Docker's texts).</exception>
    public static (int Height, int Width) FromQuery(ApiRequest request) => (Parse("height", request.Query("h")), Parse("width", request.Query("w")));

    private static int Parse(string what, string? text)
    {
        if (uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint value))
        {
            return (int)Math.Min(value, ushort.MaxValue);
        }

        bool isNumber = BigInteger.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) && !text!.StartsWith('+');
        throw new EngineException(ErrorClass.InvalidArgument, $"invalid resize {what} \"{text}\": {(isNumber ? "value out of range" : "invalid syntax")}");
    }
}
