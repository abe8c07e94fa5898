using System.Text.Json;
using Tare.Cli.Output;
using Tare.Cli.Templates;

namespace Tare.Cli.Images;

/// <summary>Makes the rows of <c>tare images</c>: one for each tag of an image.</summary>
internal static class ImageRow
{
    private const string None = "<none>";

    /// <summary>The titles of the cells.</summary>
    public static IReadOnlyList<(string, string)> Headers { get; } =
    [
        ("Repository", "REPOSITORY"), ("Tag", "TAG"), ("Digest", "DIGEST"), ("ID", "IMAGE ID"), ("CreatedSince", "CREATED"), ("CreatedAt", "CREATED AT"),
        ("Size", "SIZE"), ("Containers", "CONTAINERS"), ("VirtualSize", "SIZE"), ("SharedSize", "SHARED SIZE"), ("UniqueSize", "UNIQUE SIZE"),
    ];

    /// <summary>Makes the rows of an entry of <c>GET /images/json</c>.</summary>
    /// <param name="image">The entry.</param>
    /// <param name="truncate">Whether IDs are cut to 12 digits.</param>
    /// <param name="clock">The clock that ages are reckoned by.</param>
    /// <param name="withDigests">A row for each digest too.</param>
    public static IEnumerable<TemplateRow> From(JsonElement image, bool truncate, bool withDigests, TimeProvider clock)
    {
        List<ImageName> tags = [.. image.Texts("RepoTags").Select(ImageName.Parse).Where(static name => name.Repository != None)];
        List<ImageName> digests = [.. image.Texts("RepoDigests").Select(ImageName.Parse).Where(static name => name.Repository != None)];
        if (tags.Count == 0 && digests.Count == 0)
        {
            yield return Row(image, None, None, None, truncate, clock);
        }

        foreach (ImageName tag in tags)
        {
            List<string> own = [.. digests.Where(digest => digest.Repository == tag.Repository).Select(static digest => digest.Digest)];
            if (!withDigests || own.Count == 0)
            {
                yield return Row(image, tag.Repository, tag.Tag, None, truncate, clock);
                continue;
            }

            foreach (string digest in own)
            {
                yield return Row(image, tag.Repository, tag.Tag, digest, truncate, clock);
            }
        }

        foreach (ImageName digest in digests.Where(digest => tags.TrueForAll(tag => tag.Repository != digest.Repository)))
        {
            yield return Row(image, digest.Repository, None, withDigests ? digest.Digest : None, truncate, clock);
        }
    }

    private static TemplateRow Row(JsonElement image, string repository, string tag, string digest, bool truncate, TimeProvider clock)
    {
        TemplateRow row = new("ImageContext");
        row.Add("ID", () => truncate ? ShortText.Id(image.Text("Id")) : image.Text("Id"));
        row.Add("Repository", () => repository);
        row.Add("Tag", () => tag);
        row.Add("Digest", () => digest);
        row.Add("CreatedSince", () => $"{AgeText.Human(clock.GetUtcNow() - image.UnixTime("Created"))} ago");
        row.Add("CreatedAt", () => ClockText.Go(image.UnixTime("Created"), clock));
        row.Add("Size", () => SizeText.Human(image.Number("Size"), 3));
        row.Add("VirtualSize", () => SizeText.Human(image.Number("Size")));
        row.Add("Containers", () => Known(image.Number("Containers"), image.Number("Containers").ToString(System.Globalization.CultureInfo.InvariantCulture)));
        row.Add("SharedSize", () => Known(image.Number("SharedSize"), SizeText.Human(image.Number("SharedSize"))));
        row.Add("UniqueSize", () => Known(image.Number("SharedSize"), SizeText.Human(image.Number("Size") - image.Number("SharedSize"))));
        return row;
    }

    // The daemon says -1 for what it has not reckoned.
    private static string Known(long number, string text) => number < 0 ? "N/A" : text;
}
