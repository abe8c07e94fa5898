namespace Tare.Runtime.Commands;

/// <summary>Words for errors of files: this program is built without the texts of the framework's own exceptions, which have only a key and the path.</summary>
internal static class FileErrors
{
    /// <summary>What to say of a failure: its message, or for a missing or forbidden file the words of the command line's peers.</summary>
    public static string Describe(Exception failure) => failure switch
    {
        FileNotFoundException or DirectoryNotFoundException => $"open {PathOf(failure.Message)}: no such file or directory",
        UnauthorizedAccessException => $"open {PathOf(failure.Message)}: permission denied",
        _ => failure.Message,
    };

    // A key, then the arguments of the text: IO_FileNotFound_FileName, /a/b
    private static string PathOf(string message) => message[(message.IndexOf(", ", StringComparison.Ordinal) is var comma and >= 0 ? comma + 2 : 0)..];
}
