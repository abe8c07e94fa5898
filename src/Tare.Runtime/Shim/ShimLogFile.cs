using System.Globalization;
using Tare.Runtime.Commands;

namespace Tare.Runtime.Shim;

/// <summary>The shim's own messages, on standard error, which is <c>shim.log</c>.</summary>
internal static class ShimLogFile
{
    /// <summary>Writes a line with the time.</summary>
    public static void Write(string message) =>
        MessageLog.WriteStderr(string.Create(CultureInfo.InvariantCulture, $"{TimeProvider.System.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ} {message}\n"));
}
