using System.Text.Json;

namespace Tare.Cli.Containers;

/// <summary>The values of <c>--security-opt</c>, prepared for the daemon.</summary>
internal static class SecurityOptions
{
    /// <summary>Reads seccomp profiles from their files, since the daemon may not see them.</summary>
    /// <param name="options">The values as given.</param>
    /// <param name="bareSystemPaths"><c>systempaths=unconfined</c> was among them: no path of /proc is masked or read-only.</param>
    /// <exception cref="FormatException">An option or a profile is bad.</exception>
    public static List<string> Prepare(List<string> options, out bool bareSystemPaths)
    {
        bareSystemPaths = false;
        List<string> prepared = [];
        foreach (string option in options)
        {
            int split = option.IndexOfAny(['=', ':']);
            string key = split < 0 ? option : option[..split];
            string value = split < 0 ? string.Empty : option[(split + 1)..];
            if (split < 0 && key != "no-new-privileges")
            {
                throw new FormatException($"Invalid --security-opt: {CommandLine.GoQuote.Quote(option)}");
            }

            if (key == "systempaths" && value == "unconfined")
            {
                bareSystemPaths = true;
            }
            else
            {
                prepared.Add(key == "seccomp" && value is not ("unconfined" or "builtin") ? $"seccomp={Profile(value)}" : option);
            }
        }

        return prepared;
    }

    private static string Profile(string path)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            return document.RootElement.ToString();
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new FormatException($"opening seccomp profile ({path}) failed: open {path}: no such file or directory", failure);
        }
        catch (JsonException failure)
        {
            throw new FormatException($"compacting json for seccomp profile ({path}) failed: {failure.Message}", failure);
        }
    }
}
