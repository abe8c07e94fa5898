using System.Globalization;
using System.Text;
using System.Text.Json;
using Tare.Linux.Interop;

namespace Tare.Runtime.Commands;

/// <summary>
/// Messages of the command line. Callers such as containerd give a file, have JSON lines written to it (<c>level</c>, <c>msg</c>, <c>time</c>), and
/// read the last one for the error text.
/// </summary>
internal sealed class MessageLog(GlobalOptions options)
{
    /// <summary>Makes the log's file where it is missing, so that who reads it afterwards finds one (as runc).</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public void Open()
    {
        if (options.Log is { } path)
        {
            using FileStream file = new(path, FileMode.Append);
        }
    }

    /// <summary>Says what failed: to the log, and to standard error where the log is a file.</summary>
    public void Error(string message)
    {
        Write("error", message);
        if (options.Log is not null)
        {
            WriteStderr(message + "\n");
        }
    }

    /// <summary>Says what was clamped or passed over.</summary>
    public void Warn(string message) => Write("warning", message);

    private void Write(string level, string message)
    {
        string line = options.LogJson ? Json(level, message) : Text(level, message);
        if (options.Log is not { } path)
        {
            WriteStderr(line);
            return;
        }

        try
        {
            File.AppendAllText(path, line);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            WriteStderr($"cannot write the log \"{path}\": {failure.Message}\n{line}");
        }
    }

    private static string Text(string level, string message)
        => string.Create(CultureInfo.InvariantCulture, $"time=\"{TimeProvider.System.GetUtcNow():yyyy-MM-ddTHH:mm:ssZ}\" level={level} msg=\"{message.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"\n");

    private static string Json(string level, string message)
        => string.Create(CultureInfo.InvariantCulture, $"{{\"level\":\"{level}\",\"msg\":\"{JsonEncodedText.Encode(message)}\",\"time\":\"{TimeProvider.System.GetUtcNow():yyyy-MM-ddTHH:mm:ssZ}\"}}\n");

    internal static void WriteStderr(string text) => WriteDescriptor(2, text);

    internal static void WriteStdout(string text) => WriteDescriptor(1, text);

    // Without the Console class, whose start-up is as long as a container's.
    private static unsafe void WriteDescriptor(int descriptor, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        fixed (byte* start = bytes)
        {
            int sent = 0;
            while (sent < bytes.Length)
            {
                nint written = Libc.write(descriptor, start + sent, (nuint)(bytes.Length - sent));
                if (written < 0)
                {
                    return; // nobody reads
                }

                sent += (int)written;
            }
        }
    }
}
