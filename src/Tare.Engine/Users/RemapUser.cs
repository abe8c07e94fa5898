using System.Globalization;
using Tare.Engine.Errors;
using Tare.Engine.Machine;
using Tare.Linux;

namespace Tare.Engine.Users;

/// <summary>Makes the user dockremap with its ranges, where <c>userns-remap</c> is <c>default</c> and the machine has none; by the same programs as dockerd.</summary>
internal static class RemapUser
{
    /// <summary>How many ids a new user gets (dockerd's).</summary>
    private const uint RangeSize = 65536;


    /// <summary>Makes what is missing.</summary>
    /// <exception cref="EngineException">FailedPrecondition: a program is missing or fails.</exception>
    public static void Ensure(SubordinateIds ids)
    {
        if (!ids.HasUser(SubordinateIds.DefaultUser))
        {
            Run("useradd", "--system", "--user-group", "--no-create-home", "--shell", "/bin/false", SubordinateIds.DefaultUser);
        }

        if (!ids.HasRanges(SubordinateIds.DefaultUser))
        {
            uint first = ids.FirstFree();
            string range = string.Create(CultureInfo.InvariantCulture, $"{first}-{first + RangeSize - 1}");
            Run("usermod", "--add-subuids", range, "--add-subgids", range, SubordinateIds.DefaultUser);
        }
    }

    private static void Run(string program, params string[] arguments)
    {
        string path = HostProgram.Find(program)
            ?? throw Failed($"there is no {program} on this machine; hint: make the user and its ranges in /etc/subuid and /etc/subgid by hand");
        try
        {
            (int status, string output) = HostProgram.Run(path, arguments);
            if (status != 0)
            {
                throw Failed($"{program} {string.Join(' ', arguments)} ended with {status.ToString(CultureInfo.InvariantCulture)}: {output}");
            }
        }
        catch (LinuxException e)
        {
            throw Failed(e.Message);
        }
    }

    private static EngineException Failed(string reason)
        => new(ErrorClass.FailedPrecondition, $"error during \"{SubordinateIds.DefaultUser}\" user creation: {reason}");
}
