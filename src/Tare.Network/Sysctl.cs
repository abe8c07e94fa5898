namespace Tare.Network;

/// <summary>Settings below /proc/sys/net (ip-sysctl in the kernel's documentation) of the network namespace of the calling thread.</summary>
internal static class Sysctl
{
    private const string Folder = "/proc/sys/net/";

    /// <summary>Writes a setting unless it has the value already.</summary>
    /// <exception cref="NetworkException">It cannot be written.</exception>
    public static void Write(string name, string value)
    {
        try
        {
            string path = Folder + name;
            if (File.ReadAllText(path).Trim() != value)
            {
                File.WriteAllText(path, value);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NetworkException($"set \"{Folder}{name}\" to {value}: {e.Message}", e);
        }
    }

    /// <summary>Writes a setting where the kernel has it: a kernel without IPv6 needs none of it switched off.</summary>
    public static void TryWrite(string name, string value)
    {
        if (File.Exists(Folder + name))
        {
            Write(name, value);
        }
    }
}
