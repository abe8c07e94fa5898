namespace Tare.Oci.Images;

/// <summary>What documents leave out or say to be null, as Go's decoder, and so every other reader of them, takes it: an empty value of the type.</summary>
public static class JsonValues
{
    /// <summary>The list with empty values in place of nulls.</summary>
    /// <param name="list">The list; changed. Null for an empty one.</param>
    /// <param name="empty">Makes an empty value.</param>
    public static List<T> Whole<T>(List<T>? list, Func<T> empty)
        where T : class
    {
        for (int i = 0; i < (list?.Count ?? 0); i++)
        {
            list![i] ??= empty();
        }

        return list ?? [];
    }

    /// <summary>The list with empty strings in place of nulls; null where there is no list.</summary>
    /// <param name="list">The list; changed.</param>
    public static List<string>? Strings(List<string>? list) => list is null ? null : Whole(list, static () => "");

    /// <summary>The map with empty values in place of nulls; null where there is no map.</summary>
    /// <param name="map">The map; changed.</param>
    /// <param name="empty">The empty value.</param>
    public static Dictionary<string, T>? Values<T>(Dictionary<string, T>? map, T empty)
        where T : class
    {
        foreach (string name in map?.Where(static entry => entry.Value is null).Select(static entry => entry.Key).ToList() ?? [])
        {
            map![name] = empty;
        }

        return map;
    }
}
