using System.Text.Json;
using Tare.Oci.Runtime;

namespace Tare.Runtime.Containers;

/// <summary>Reads documents of a bundle, with errors that name the file and the place.</summary>
public static class BundleReader
{
    /// <summary>Reads the config.json of a bundle.</summary>
    /// <param name="bundle">The bundle's folder.</param>
    /// <param name="document">The document as it stands there, UTF-8.</param>
    /// <exception cref="RuntimeException">It is missing, is no JSON, has values of a wrong type, or another version.</exception>
    public static RuntimeSpec ReadBundle(string bundle, out byte[] document)
    {
        string path = Path.Combine(bundle, "config.json");
        document = Read(path);
        RuntimeSpec spec = Parse(path, document);
        SpecVersion.Check(spec.OciVersion);
        return spec;
    }

    /// <summary>Reads a configuration.</summary>
    /// <exception cref="RuntimeException">It is missing, is no JSON, or has values of a wrong type.</exception>
    public static RuntimeSpec ReadSpec(string path) => Parse(path, Read(path));

    private static RuntimeSpec Parse(string path, byte[] document)
    {
        try
        {
            return RuntimeDocument.ReadSpec(document);
        }
        catch (JsonException failure)
        {
            throw Wrong(path, failure);
        }
    }

    /// <summary>Reads a process document, as <c>exec --process</c> takes it.</summary>
    /// <exception cref="RuntimeException">It is missing, is no JSON, or has values of a wrong type.</exception>
    public static ProcessSpec ReadProcess(string path)
    {
        try
        {
            return RuntimeDocument.ReadProcess(Read(path));
        }
        catch (JsonException failure)
        {
            throw Wrong(path, failure);
        }
    }

    private static byte[] Read(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new RuntimeException(ErrorKind.Invalid, $"JSON specification file {path} not found", inner: failure);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new RuntimeException(ErrorKind.Invalid, $"cannot read \"{path}\": {failure.Message}", inner: failure);
        }
    }

    private static RuntimeException Wrong(string path, JsonException failure)
        => new(ErrorKind.Invalid, $"\"{path}\" is wrong at {failure.Path}, line {failure.LineNumber + 1}: {failure.Message}", inner: failure);
}
