namespace Tare.Cli.Containers;

/// <summary>Files of variables or labels: a line <c>name=value</c> each; <c>#</c> begins a comment line; a bare name takes the client's own value.</summary>
internal static class VariableFile
{
    /// <summary>Reads the file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="lookup">The value of a bare name, or null to leave it out.</param>
    /// <exception cref="FormatException">The file cannot be read or a line is bad; the message is Docker's.</exception>
    public static IEnumerable<string> Read(string path, Func<string, string?> lookup)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(path);
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new FormatException($"open {path}: no such file or directory", failure);
        }
        catch (UnauthorizedAccessException failure)
        {
            throw new FormatException(Directory.Exists(path) ? $"read {path}: is a directory" : $"open {path}: permission denied", failure);
        }

        return Parse(path, lines, lookup);
    }

    private static IEnumerable<string> Parse(string path, string[] lines, Func<string, string?> lookup)
    {
        foreach (string raw in lines)
        {
            string line = raw.TrimStart();
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            int equals = line.IndexOf('=', StringComparison.Ordinal);
            string name = equals < 0 ? line : line[..equals];
            if (name.AsSpan().IndexOfAny(' ', '\t') >= 0)
            {
                throw new FormatException($"invalid env file ({path}): variable '{name}' contains whitespaces");
            }

            if (name.Length == 0)
            {
                throw new FormatException($"invalid env file ({path}): no variable name on line '{line}'");
            }

            if (equals >= 0)
            {
                yield return line;
            }
            else if (lookup(name) is { } value)
            {
                yield return $"{name}={value}";
            }
        }
    }
}
