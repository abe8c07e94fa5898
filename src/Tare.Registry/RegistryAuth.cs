namespace Tare.Registry;

/// <summary>A user's credentials for a registry.</summary>
/// <param name="Username">Name; empty with an identity token.</param>
/// <param name="Password">Password.</param>
/// <param name="IdentityToken">Refresh token of the registry's token service; empty for none.</param>
/// <param name="RegistryToken">Bearer token to be sent as it is; empty for none.</param>
public sealed record RegistryAuth(string Username, string Password, string IdentityToken = "", string RegistryToken = "")
{
    /// <summary>Hides the secrets.</summary>
    public override string ToString() => $"credentials of \"{Username}\"";
}
