using Tare.Cli.CommandLine;
using Tare.Cli.Credentials;

namespace Tare.Cli.Commands;

/// <summary><c>tare logout</c>: forgets the credentials for a registry.</summary>
internal sealed class LogoutCommand : Command
{
    public override string Usage => "[SERVER]";

    public override string Summary => "Log out from a registry";

    public override int MaximumArguments => 1;

    public override void Define(FlagSet flags)
    {
    }

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        string server = arguments.Count == 0 || arguments[0] is "docker.io" ? RegistryServer.Hub : arguments[0];
        // Older files name registries by URLs.
        string host = RegistryServer.HostOf(server);
        string[] keys = server == RegistryServer.Hub ? [server] : [server, host, $"http://{host}", $"https://{host}"];
        CredentialStore store = CredentialStore.Default;
        context.Out.WriteLine($"Removing login credentials for {(server == RegistryServer.Hub ? server : host)}");
        List<string> failures = [];
        foreach (string key in keys.Distinct())
        {
            try
            {
                store.Erase(key);
            }
            catch (CommandException failure)
            {
                failures.Add($"{key}: {failure.Message}");
            }
        }

        if (failures.Count == keys.Distinct().Count())
        {
            context.Error.WriteLine("WARNING: could not erase credentials:");
            failures.ForEach(failure => context.Error.WriteLine(failure));
        }

        return 0;
    }
}
