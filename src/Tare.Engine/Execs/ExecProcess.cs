using System.Globalization;
using System.Text;
using Tare.Engine.Lifecycle;
using Tare.Engine.Security;
using Tare.Engine.Specs;
using Tare.Engine.Users;
using Tare.Engine.Validation;
using Tare.Linux.Files;
using Tare.Oci.Runtime;

namespace Tare.Engine.Execs;

/// <summary>Makes the OCI process of an exec session from the container's documents and the session's.</summary>
internal static class ExecProcess
{
    /// <summary>Checks that a user is in the container's files.</summary>
    /// <exception cref="Errors.EngineException">InvalidArgument: the user or group is not.</exception>
    public static void CheckUser(Container container, string user) => UserOf(container, user);

    /// <summary>Makes the process.</summary>
    /// <exception cref="Errors.EngineException">InvalidArgument: the user or group is not in the container's files.</exception>
    public static ProcessSpec Build(Container container, ExecConfig exec, bool tty, uint[]? consoleSize, IReadOnlyList<string> links, bool noNewPrivileges)
    {
        Containers.ContainerConfig config = container.Document.Config;
        Containers.HostConfig host = container.Document.HostConfig;
        UserIdentity user = UserOf(container, exec.User.Length > 0 ? exec.User : config.User);
        List<string> environment = SpecBuilder.EnvironmentOf(config, config.Hostname, user.Home, tty, exec.Env?.Where(v => v.Contains('=', StringComparison.Ordinal)), links);
        List<string> capabilities = Capabilities.Choose(host.CapAdd, host.CapDrop, host.Privileged || exec.Privileged);
        string folder = exec.WorkingDir.Length > 0 ? exec.WorkingDir : config.WorkingDir;
        return new ProcessSpec
        {
            Terminal = tty,
            ConsoleSize = tty && consoleSize is [uint height, uint width] && height > 0 && width > 0 ? new ConsoleSize { Height = height, Width = width } : null,
            User = new User { Uid = user.Uid, Gid = user.Gid, AdditionalGids = user.AdditionalGids },
            Args = exec.Cmd,
            Env = environment,
            Cwd = folder.Length > 0 ? folder : "/",
            Capabilities = SpecBuilder.CapabilitySetsOf(capabilities, exec.Privileged ? 0 : user.Uid),
            NoNewPrivileges = (SecurityOptions.Parse(host.SecurityOpt).NoNewPrivileges ?? noNewPrivileges) && !exec.Privileged,
            // A privileged session of a confined container stays confined, as with dockerd.
            ApparmorProfile = AppArmor.IsEnabled ? container.Snapshot.AppArmorProfile : null,
            OomScoreAdj = host.OomScoreAdj,
        };
    }

    private static UserIdentity UserOf(Container container, string user)
    {
        string root = string.Create(CultureInfo.InvariantCulture, $"/proc/{container.State.Pid}/root");
        return UserResolver.Resolve(
            user,
            container.Document.HostConfig.GroupAdd,
            path => ConfinedFile.TryReadText(root, path) is { } text ? Encoding.UTF8.GetBytes(text) : null);
    }
}
