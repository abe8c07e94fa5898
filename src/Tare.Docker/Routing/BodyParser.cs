using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Tare.Engine.Errors;

namespace Tare.Docker.Routing;

/// <summary>Reads JSON bodies and words their faults as Docker does.</summary>
internal static class BodyParser
{
    /// <summary>Reads a document.</summary>
    /// <exception cref="EngineException">InvalidArgument: it is empty or malformed.</exception>
    public static T Parse<T>(ReadOnlySpan<byte> body, JsonTypeInfo<T> type)
    {
        if (body.IsEmpty)
        {
            throw new EngineException(ErrorClass.InvalidArgument, "invalid JSON: got EOF while reading request body");
        }

        try
        {
            return JsonSerializer.Deserialize(NullMembers.Remove(body, type), type)
                ?? throw new EngineException(ErrorClass.InvalidArgument, "invalid JSON: null in place of a document");
        }
        catch (JsonException e)
        {
            string? syntax = GoJsonFault.Find(body, out bool hasMore);
            throw new EngineException(ErrorClass.InvalidArgument, hasMore ? "unexpected content after JSON" : "invalid JSON: " + (syntax ?? Wording(e)), e);
        }
    }

    /// <summary>Accepts a body that says it is JSON, or says nothing.</summary>
    /// <exception cref="EngineException">InvalidArgument: it says something else.</exception>
    public static void CheckContentType(string? contentType)
    {
        if (string.IsNullOrEmpty(contentType))
        {
            return;
        }

        int semicolon = contentType.IndexOf(';', StringComparison.Ordinal);
        ReadOnlySpan<char> mediaType = (semicolon < 0 ? contentType : contentType.AsSpan(0, semicolon)).Trim();
        if (!mediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase))
        {
            throw new EngineException(ErrorClass.InvalidArgument, $"unsupported Content-Type header ({contentType}): must be 'application/json'");
        }
    }

    // What is right as JSON and wrong as the document. The reader's sentences are resource keys in a trimmed program: the place of the fault is what remains to be told.
    private static string Wording(JsonException e) =>
        $"unexpected content at line {(e.LineNumber ?? 0) + 1}, byte {e.BytePositionInLine ?? 0}{(string.IsNullOrEmpty(e.Path) || e.Path == "$" ? "" : $", in {e.Path[(e.Path.StartsWith("$.", StringComparison.Ordinal) ? 2 : 0)..]}")}";
}
