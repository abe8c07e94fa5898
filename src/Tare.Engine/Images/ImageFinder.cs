using Tare.Engine.Errors;
using Tare.Oci.Images;

namespace Tare.Engine.Images;

/// <summary>Finds images by what users write: references, ids, prefixes of ids.</summary>
/// <param name="table">All images.</param>
internal sealed class ImageFinder(ImageTable table)
{
    private const string Sha256 = "sha256:";

    /// <summary>Finds an image.</summary>
    /// <exception cref="EngineException">NotFound, or InvalidArgument for what is no reference (Docker's texts).</exception>
    public ImageRecord Find(string name) => Find(name, out _);

    /// <summary>Finds an image; <paramref name="reference"/> is the name by which it was found, null for an id.</summary>
    public ImageRecord Find(string name, out string? reference)
    {
        reference = null;
        if ((name.StartsWith(Sha256, StringComparison.Ordinal) || IsWholeId(name)) && table.TryGetByPrefix(name) is { } exact)
        {
            return exact;
        }

        ImageReference parsed = Parse(name).WithDefaultTag();
        if (table.TryGetByName(parsed.ToString()) is { } named)
        {
            reference = parsed.ToString();
            return named;
        }

        // A tag beside a digest: the digest decides.
        if (parsed is { Digest: { } digest, Tag: not null } && table.TryGetByName($"{parsed.Name}@{digest}") is { } pinned)
        {
            reference = $"{parsed.Name}@{digest}";
            return pinned;
        }

        if (Digest.IsHex(name) && table.TryGetByPrefix(name) is { } found)
        {
            return found;
        }

        throw EngineErrors.NoSuchImage(parsed.Familiar);
    }

    /// <summary>An id without its algorithm, which is no name.</summary>
    private static bool IsWholeId(string name) => name.Length == 64 && Digest.IsHex(name);

    /// <summary>Reads a reference.</summary>
    /// <exception cref="EngineException">InvalidArgument, in Docker's words.</exception>
    public static ImageReference Parse(string name)
    {
        try
        {
            return ImageReference.Parse(name);
        }
        catch (FormatException e)
        {
            throw new EngineException(ErrorClass.InvalidArgument, e.Message, e);
        }
    }

    /// <summary>A full name in Docker's familiar form.</summary>
    public static string Familiar(string reference) => ImageReference.Parse(reference).Familiar;
}
