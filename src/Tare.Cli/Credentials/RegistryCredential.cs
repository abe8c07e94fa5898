namespace Tare.Cli.Credentials;

/// <summary>A user's credentials for a registry.</summary>
/// <param name="Server">The registry as the user named it: <c>localhost:5000</c>, <c>https://index.docker.io/v1/</c>.</param>
/// <param name="Username">Name; empty with an identity token alone.</param>
/// <param name="Password">Password; empty with an identity token.</param>
/// <param name="IdentityToken">Token that stands for name and password; empty for none.</param>
/// <param name="RegistryToken">Bearer token to be sent as it is; empty for none.</param>
internal sealed record RegistryCredential(string Server, string Username, string Password, string IdentityToken = "", string RegistryToken = "")
{
    /// <summary>Hides the secrets.</summary>
    public override string ToString() => $"credentials of \"{Username}\" for {Server}";
}
