using System.Text;

namespace Tare.Engine.Security;

/// <summary>
/// The profile of containers that name none, as apparmor_parser(8) reads it: what Docker's profile of the same name allows (apparmor.d(5); kernel interfaces that no namespace keeps apart
/// are out of reach, whatever capabilities a container has).
/// </summary>
internal static class AppArmorProfile
{
    /// <summary>Its name; scripts and policies know it by Docker's.</summary>
    public const string DefaultName = "docker-default";

    /// <summary>The name that stands for no profile.</summary>
    public const string Unconfined = "unconfined";

    private const string Policies = "/etc/apparmor.d/";

    /// <summary>The text.</summary>
    /// <param name="daemonProfile">The profile that the daemon is in, whose signals containers take; null where it is in none.</param>
    /// <param name="hasFile">Whether the machine has a file: the policies that every distribution brings are included where they are.</param>
    public static string Text(string? daemonProfile, Func<string, bool> hasFile)
    {
        StringBuilder text = new();
        text.AppendLine(hasFile(Policies + "tunables/global") ? "#include <tunables/global>" : "@{PROC}=/proc/");
        text.AppendLine($"profile {DefaultName} flags=(attach_disconnected,mediate_deleted) {{");
        if (hasFile(Policies + "abstractions/base"))
        {
            text.AppendLine("  #include <abstractions/base>");
        }

        text.AppendLine("""
              capability,
              file,
              network,
              umount,
              deny mount,
            """);
        foreach (string peer in (string[])["unconfined", "runc", "crun", .. daemonProfile is null ? Array.Empty<string>() : [daemonProfile]])
        {
            text.AppendLine($"  signal (receive) peer={peer},");
        }

        text.AppendLine($"  signal (send,receive) peer={DefaultName},");
        text.AppendLine($"  ptrace (trace,tracedby,read,readby) peer={DefaultName},");

        // Of /proc only the folders of processes and the settings of System V IPC, which have a namespace, can be written to.
        text.AppendLine("""
              deny @{PROC}/* w,
              deny @{PROC}/{[^1-9s],s[^y],sy[^s],sys?}*/** w,
              deny @{PROC}/{s,sy}/** w,
              deny @{PROC}/sys/{[^k],k[^e]}** w,
              deny @{PROC}/sys/kernel/{?,??} w,
              deny @{PROC}/sys/kernel/{[^s],s[^he],sh[^m],se[^m]}** w,
              deny @{PROC}/{kcore,sysrq-trigger} rwklx,
            """);

        // Of /sys only cgroups, which have a namespace too.
        text.AppendLine("""
              deny /sys/{[^f],f[^s]}*/** wklx,
              deny /sys/fs/{[^c],c[^g],cg[^r]}*/** wklx,
              deny /sys/{firmware,kernel/security,devices/virtual/powercap}/** rwklx,
            }
            """);
        return text.ToString();
    }
}
