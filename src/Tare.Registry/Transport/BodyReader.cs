namespace Tare.Registry.Transport;

/// <summary>Reads answers that are documents: whole, but never more than they may hold.</summary>
internal static class BodyReader
{
    /// <summary>Reads.</summary>
    /// <exception cref="RegistryException">Protocol: the document is longer than <paramref name="maximum"/> bytes.</exception>
    public static async Task<byte[]> ReadAsync(HttpResponseMessage response, int maximum, CancellationToken cancellationToken)
    {
        await using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken);
        using MemoryStream content = new();
        byte[] buffer = new byte[16 * 1024];
        int read;
        while ((read = await body.ReadAsync(buffer, cancellationToken)) > 0)
        {
            content.Write(buffer, 0, read);
            if (content.Length > maximum)
            {
                throw new RegistryException(RegistryErrorKind.Protocol, $"the registry sent a document of more than {maximum} bytes");
            }
        }

        return content.ToArray();
    }
}
