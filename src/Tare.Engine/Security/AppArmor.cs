using System.Globalization;
using Tare.Engine.Errors;
using Tare.Engine.Machine;
using Tare.Linux;

namespace Tare.Engine.Security;

/// <summary>Brings the profile of containers into the kernel. It is looked for before each start: whoever reloads policies may have dropped it.</summary>
/// <param name="folder">A folder of the daemon's own, for the profile's text while it is read.</param>
internal sealed class AppArmor(string folder)
{
    private const string LoadedProfiles = "/sys/kernel/security/apparmor/profiles";
    private readonly Lock _lock = new();

    /// <summary>Whether the kernel confines by AppArmor, and this process may say by what.</summary>
    public static bool IsEnabled { get; } = MachineFacts.HasAppArmor("");

    /// <summary>Loads the profile <see cref="AppArmorProfile.DefaultName"/> where it is not in the kernel yet.</summary>
    /// <exception cref="EngineException">FailedPrecondition: there is no apparmor_parser, or it fails.</exception>
    public void EnsureDefault()
    {
        lock (_lock)
        {
            if (!IsLoaded(File.ReadLines(LoadedProfiles), AppArmorProfile.DefaultName))
            {
                Load();
            }
        }
    }

    /// <summary>Whether a list of loaded profiles, "NAME (MODE)" each, has one.</summary>
    internal static bool IsLoaded(IEnumerable<string> profiles, string name) => profiles.Any(line => line.StartsWith(name + " (", StringComparison.Ordinal));

    private void Load()
    {
        string file = $"{folder}/{AppArmorProfile.DefaultName}.profile";
        File.WriteAllText(file, AppArmorProfile.Text(OwnProfile(), File.Exists));
        try
        {
            string program = HostProgram.Find("apparmor_parser") ?? throw Failed("apparmor_parser is not there (hint: install the package apparmor, or start containers with --security-opt apparmor=unconfined)");
            (int status, string output) = HostProgram.Run(program, "--skip-cache", "--replace", file);
            if (status != 0)
            {
                throw Failed($"{program} ended with {status.ToString(CultureInfo.InvariantCulture)}: {output}");
            }
        }
        catch (Exception failure) when (failure is IOException or LinuxException)
        {
            throw Failed(failure.Message, failure);
        }
        finally
        {
            File.Delete(file);
        }
    }

    // "NAME (MODE)", or "unconfined".
    private static string? OwnProfile()
    {
        string label = File.ReadAllText("/proc/self/attr/current").TrimEnd('\0', '\n');
        int mode = label.LastIndexOf(" (", StringComparison.Ordinal);
        return mode < 0 ? null : label[..mode];
    }

    private static EngineException Failed(string reason, Exception? cause = null)
        => new(ErrorClass.FailedPrecondition, $"AppArmor enabled on system but the {AppArmorProfile.DefaultName} profile could not be loaded: {reason}", cause);
}
