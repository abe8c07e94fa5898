using System.Text.Json.Serialization;

namespace Tare.Registry;

/// <summary>Serialization of the protocol's small documents.</summary>
[JsonSerializable(typeof(TokenResponse))]
[JsonSerializable(typeof(ErrorResponse))]
[JsonSerializable(typeof(TagList))]
[JsonSerializable(typeof(SearchAnswer))]
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

    /// <summary>Seconds that it is good for; 0 when it is not said.</summary>
    [JsonPropertyName("expires_in")]
    public long ExpiresIn { get; set; }

    /// <summary>An identity token, where one was asked for.</summary>
    [JsonPropertyName("refresh_token")]
    public string? RefreshToken { get; set; }

    /// <summary>The token under whichever name it came.</summary>
    [JsonIgnore]
    public string? Value => string.IsNullOrEmpty(Token) ? AccessToken : Token;
}

/// <summary>A page of a repository's tags.</summary>
internal sealed class TagList
{
    /// <summary>The tags; null where there are none.</summary>
    [JsonPropertyName("tags")]
    public List<string>? Tags { get; set; }
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

/// <summary>Answer of a search (version 1 of the index).</summary>
internal sealed class SearchAnswer
{
    /// <summary>What was found.</summary>
    [JsonPropertyName("results")]
    public List<SearchEntry>? Results { get; set; }
}

/// <summary>One repository of a search's answer.</summary>
internal sealed class SearchEntry
{
    /// <summary>Name.</summary>
    [JsonPropertyName("name")]
    public string? Name { get; set; }

    /// <summary>Description.</summary>
    [JsonPropertyName("description")]
    public string? Description { get; set; }

    /// <summary>Stars.</summary>
    [JsonPropertyName("star_count")]
    public int Stars { get; set; }

    /// <summary>Whether it is official.</summary>
    [JsonPropertyName("is_official")]
    public bool IsOfficial { get; set; }

    /// <summary>Whether it was built by the registry.</summary>
    [JsonPropertyName("is_automated")]
    public bool IsAutomated { get; set; }
}
