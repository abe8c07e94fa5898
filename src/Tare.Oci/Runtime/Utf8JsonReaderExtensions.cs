using System.Text.Json;

namespace Tare.Oci.Runtime;

/// <summary>Steps through a document with the serializer's rules: null is allowed for what is not a number or a boolean, unknown properties are passed over, the last of two equal ones holds.</summary>
internal static class Utf8JsonReaderExtensions
{
    /// <summary>Goes to the next property name of the object that the reader stands in; false at the object's end.</summary>
    public static bool NextProperty(this ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.PropertyName;
    }

    /// <summary>Whether the property that the reader stands at has this name; if so, the reader goes on to its value.</summary>
    public static bool Is(this ref Utf8JsonReader reader, ReadOnlySpan<byte> name)
    {
        if (!reader.ValueTextEquals(name))
        {
            return false;
        }

        reader.Read();
        return true;
    }

    /// <summary>Passes over the value of the property that the reader stands at.</summary>
    public static void SkipValue(this ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
    }

    /// <summary>An object, or null.</summary>
    public static T? Object<T>(this ref Utf8JsonReader reader, JsonItem<T> item)
        where T : class
        => reader.TokenType switch
        {
            JsonTokenType.Null => null,
            JsonTokenType.StartObject => item(ref reader),
            _ => throw new InvalidOperationException(),
        };

    /// <summary>An array of objects, or null.</summary>
    public static List<T>? List<T>(this ref Utf8JsonReader reader, JsonItem<T> item)
        where T : class
        => Elements(ref reader, (ref Utf8JsonReader element) => element.Object(item)!);

    /// <summary>An array of strings, or null.</summary>
    public static List<string>? StringList(this ref Utf8JsonReader reader) => Elements(ref reader, static (ref Utf8JsonReader element) => element.GetString()!);

    /// <summary>An array of numbers, or null.</summary>
    public static List<uint>? UInt32List(this ref Utf8JsonReader reader) => Elements(ref reader, static (ref Utf8JsonReader element) => element.GetUInt32());

    /// <summary>An object whose properties have names of their own, or null.</summary>
    public static Dictionary<string, T>? Map<T>(this ref Utf8JsonReader reader, JsonItem<T> item)
        where T : class
        => Members(ref reader, (ref Utf8JsonReader member) => member.Object(item)!);

    /// <summary>An object of strings whose properties have names of their own, or null.</summary>
    public static Dictionary<string, string>? StringMap(this ref Utf8JsonReader reader) => Members(ref reader, static (ref Utf8JsonReader member) => member.GetString()!);

    /// <summary>A number, or null.</summary>
    public static ushort? NullableUInt16(this ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.Null ? null : reader.GetUInt16();

    /// <summary>A number, or null.</summary>
    public static int? NullableInt32(this ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.Null ? null : reader.GetInt32();

    /// <summary>A number, or null.</summary>
    public static uint? NullableUInt32(this ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.Null ? null : reader.GetUInt32();

    /// <summary>A number, or null.</summary>
    public static long? NullableInt64(this ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.Null ? null : reader.GetInt64();

    /// <summary>A number, or null.</summary>
    public static ulong? NullableUInt64(this ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.Null ? null : reader.GetUInt64();

    /// <summary>True, false, or null.</summary>
    public static bool? NullableBoolean(this ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.Null ? null : reader.GetBoolean();

    private static List<T>? Elements<T>(ref Utf8JsonReader reader, JsonItem<T> element)
    {
        if (!Enter(ref reader, JsonTokenType.StartArray))
        {
            return null;
        }

        List<T> items = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            items.Add(element(ref reader));
        }

        return items;
    }

    private static Dictionary<string, T>? Members<T>(ref Utf8JsonReader reader, JsonItem<T> member)
    {
        if (!Enter(ref reader, JsonTokenType.StartObject))
        {
            return null;
        }

        Dictionary<string, T> items = [];
        while (reader.NextProperty())
        {
            string name = reader.GetString()!;
            reader.Read();
            items[name] = member(ref reader);
        }

        return items;
    }

    private static bool Enter(ref Utf8JsonReader reader, JsonTokenType start)
        => reader.TokenType == JsonTokenType.Null ? false : reader.TokenType == start ? true : throw new InvalidOperationException();
}
