using System.Text.Json;
using Tare.Cli.Client;
using Tare.Cli.CommandLine;
using Tare.Cli.Credentials;
using Tare.Cli.Output;
using Tare.Linux.Terminals;

namespace Tare.Cli.Commands;

/// <summary><c>tare login</c>: checks credentials against a registry and keeps them.</summary>
internal sealed class LoginCommand : Command
{
    private const int Unauthorized = 401;

    private ValueFlag<string> _password = null!;
    private ValueFlag<bool> _passwordStdin = null!;
    private ValueFlag<string> _username = null!;

    public override string Usage => "[OPTIONS] [SERVER]";

    public override string Summary => "Authenticate to a registry";

    public override int MaximumArguments => 1;

    public override void Define(FlagSet flags)
    {
        _password = flags.Text("password", 'p', "Password or access token");
        _passwordStdin = flags.Switch("password-stdin", '\0', "Take the password or access token from standard input");
        _username = flags.Text("username", 'u', "Username");
    }

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        string password = GivenPassword(context);
        string server = arguments.Count == 0 || arguments[0] is "docker.io" ? RegistryServer.Hub : arguments[0];
        CredentialStore store = CredentialStore.Default;
        RegistryCredential? known = store.Get(server);
        if (_username.Value.Length == 0 && password.Length == 0 && known is not null && TryKnown(context, store, known))
        {
            return 0;
        }

        if (_username.Value.Length == 0 || password.Length == 0)
        {
            CredentialPrompt.EnsureTerminal();
        }

        CredentialPrompt prompt = new(context.Out);
        string username = _username.Value.Length > 0 ? _username.Value : prompt.AskUsername(known?.Username ?? "");
        password = password.Length > 0 ? password : prompt.AskPassword();
        Finish(context, store, new RegistryCredential(server, username, password));
        return 0;
    }

    private string GivenPassword(CommandContext context)
    {
        if (_password.IsSet && _passwordStdin.Value)
        {
            throw new CommandException("conflicting options: cannot specify both --password and --password-stdin");
        }

        if (_passwordStdin.Value)
        {
            if (_username.Value.Length == 0)
            {
                throw new CommandException("the --password-stdin option requires --username to be set");
            }

            using StreamReader input = new(new StandardStream(0));
            // As Docker: one line's end at the end is not part of it.
            string text = input.ReadToEnd();
            text = text.EndsWith('\n') ? text[..^1] : text;
            text = text.EndsWith('\r') ? text[..^1] : text;
            return text.Length > 0 ? text : throw new CommandException("password is empty");
        }

        if (_password.IsSet)
        {
            if (_password.Value.Length == 0)
            {
                throw new CommandException("password is empty");
            }

            context.Error.WriteLine("WARNING! Using --password via the CLI is insecure. Use --password-stdin.");
            context.Error.Flush();
        }

        return _password.Value;
    }

    private static bool TryKnown(CommandContext context, CredentialStore store, RegistryCredential known)
    {
        string user = known.Username.Length > 0 ? $" [Username: {known.Username}]" : "";
        context.Error.WriteLine($"Authenticating with existing credentials...{user}\n\n Info → To login with a different account, run 'tare logout' followed by 'tare login'\n\n");
        context.Error.Flush();
        try
        {
            Finish(context, store, known);
            return true;
        }
        catch (DaemonException refusal) when (refusal.Status == Unauthorized)
        {
            context.Error.WriteLine($"Login did not succeed, error: {refusal.Message}");
            context.Error.Flush();
            return false;
        }
    }

    private static void Finish(CommandContext context, CredentialStore store, RegistryCredential credential)
    {
        using JsonDocument answer = context.Client.PostJson("/auth", CredentialStore.ToJson(credential));
        string identity = answer.RootElement.Text("IdentityToken");
        RegistryCredential kept = identity.Length > 0 ? credential with { Password = "", IdentityToken = identity } : credential;
        store.Store(kept);
        if (store.IsPlain(credential.Server))
        {
            context.Error.WriteLine(
                $"\nWARNING! Your credentials are stored unencrypted in '{store.FilePath}'.\nConfigure a credential helper to remove this warning. See\nhttps://docs.docker.com/go/credential-store/\n");
        }

        string status = answer.RootElement.Text("Status");
        context.Out.WriteLine(status.Length > 0 ? status : "Login Succeeded");
    }
}
