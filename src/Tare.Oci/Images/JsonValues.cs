namespace Tare.Oci.Images;

/// <summary>What documents leave out or say to be null, as Go's decoder, and so every other reader of them, takes it: an empty value of the type.</summary>
internal static class JsonValues
{
    /// <summary>The list with empty values in place of nulls.</summary>
    public static List<T> Whole<T>(List<T>? list, Func<T> empty)
        where T : class
    {
        for (int i = 0; i < (list?.Count ?? 0); i++)
        {
            list![i] ??= empty();
        }

        return list ?? [];
    }
}
