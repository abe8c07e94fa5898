using System.Text.Json.Serialization;

namespace Tare.Registry;

/// <summary>Serialization of the protocol's small documents.</summary>
[JsonSerializable(typeof(TokenResponse))]
[JsonSerializable(typeof(ErrorResponse))]
internal sealed partial class RegistryJson : JsonSerializerContext;

/// <summary>Answer of a token service.</summary>
internal sealed class TokenResponse
{
    /// <summary>The token.</summary>
    [JsonPropertyName("token")]
    public string? Token { get; set; }

    /// <summary>The token, by its OAuth 2.0 name.</summary>
    [JsonPropertyName("access_token")]
    public string? AccessToken { get; set; }
}

/// <summary>Errors of a registry (distribution-spec, Error Codes).</summary>
internal sealed class ErrorResponse
{
    /// <summary>The errors.</summary>
    [JsonPropertyName("errors")]
    public List<ErrorEntry>? Errors { get; set; }
}

/// <summary>One error of a registry.</summary>
internal sealed class ErrorEntry
{
    /// <summary>NAME_UNKNOWN, MANIFEST_UNKNOWN, DENIED, UNAUTHORIZED…</summary>
    [JsonPropertyName("code")]
    public string? Code { get; set; }

    /// <summary>In words.</summary>
    [JsonPropertyName("message")]
    public string? Message { get; set; }
}
