namespace Tare.UnitTests;

/// <summary>Finds the source tree that the tests were built from.</summary>
internal static class SourceTree
{
    /// <summary>The folder that holds Tare.slnx.</summary>
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Tare.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"no folder above \"{AppContext.BaseDirectory}\" holds Tare.slnx");
    }
}
