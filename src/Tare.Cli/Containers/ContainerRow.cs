using System.Text.Json;
using Tare.Cli.CommandLine;
using Tare.Cli.Output;
using Tare.Cli.Templates;

namespace Tare.Cli.Containers;

/// <summary>Makes the rows of <c>tare ps</c>.</summary>
internal static class ContainerRow
{
    private const int CommandLength = 20;

    /// <summary>The titles of the cells.</summary>
    public static IReadOnlyList<(string, string)> Headers { get; } =
    [
        ("ID", "CONTAINER ID"), ("Image", "IMAGE"), ("Command", "COMMAND"), ("CreatedAt", "CREATED AT"), ("RunningFor", "CREATED"), ("Status", "STATUS"),
        ("State", "STATE"), ("Ports", "PORTS"), ("Names", "NAMES"), ("Size", "SIZE"), ("Labels", "LABELS"), ("Mounts", "MOUNTS"),
        ("LocalVolumes", "LOCAL VOLUMES"), ("Networks", "NETWORKS"), ("Platform", "PLATFORM"),
    ];

    /// <summary>Makes a row of an entry of <c>GET /containers/json</c>.</summary>
    public static TemplateRow From(JsonElement container, bool truncate, TimeProvider clock)
    {
        TemplateRow row = new("ContainerContext");
        row.Add("ID", () => truncate ? ShortText.Id(container.Text("Id")) : container.Text("Id"));
        row.Add("Image", () => Image(container, truncate));
        row.Add("Command", () => GoQuote.Quote(truncate ? ShortText.Ellipsis(container.Text("Command"), CommandLength) : container.Text("Command")));
        row.Add("CreatedAt", () => ClockText.Go(container.UnixTime("Created"), clock));
        row.Add("RunningFor", () => $"{AgeText.Human(clock.GetUtcNow() - container.UnixTime("Created"))} ago");
        row.Add("Status", () => container.Text("Status"));
        row.Add("State", () => container.Text("State"));
        row.Add("Ports", () => PortText.Format(container.Items("Ports")));
        row.Add("Names", () => Names(container, truncate));
        row.Add("Size", () => Size(container));
        row.Add("Labels", () => Labels(container));
        row.Add("Mounts", () => string.Join(',', Mounts(container).Select(name => truncate ? ShortText.Ellipsis(name, 15) : name)));
        row.Add("LocalVolumes", () => container.Items("Mounts").Count(static mount => mount.Text("Driver") == "local").ToString(System.Globalization.CultureInfo.InvariantCulture));
        row.Add("Networks", () => string.Join(',', container.Member("NetworkSettings").Members("Networks").Select(static network => network.Name)));
        row.Add("Platform", static () => null);
        return row.AddMethod("Label", arguments => arguments is [string name] ? container.Member("Labels").Text(name) : string.Empty);
    }

    private static string Image(JsonElement container, bool truncate)
    {
        string image = container.Text("Image");
        if (image.Length == 0)
        {
            return "<no image>";
        }

        if (!truncate)
        {
            return image;
        }

        string id = ShortText.Id(container.Text("ImageID"));
        return id.Length > 0 && id == ShortText.Id(image) ? id : image.Split('@')[0];
    }

    private static string Names(JsonElement container, bool truncate)
    {
        // A name with a second slash is that of a link.
        IEnumerable<string> names = container.Items("Names").Select(static name => (name.GetString() ?? string.Empty).TrimStart('/'));
        return string.Join(',', truncate ? names.Where(static name => !name.Contains('/', StringComparison.Ordinal)) : names);
    }

    private static string Size(JsonElement container)
    {
        string written = SizeText.Human(container.Number("SizeRw"), 3);
        long total = container.Number("SizeRootFs");
        return total > 0 ? $"{written} (virtual {SizeText.Human(total, 3)})" : written;
    }

    private static string Labels(JsonElement container) =>
        string.Join(',', container.Members("Labels").Select(static label => $"{label.Name}={label.Value.GetString()}").Order(StringComparer.Ordinal));

    private static IEnumerable<string> Mounts(JsonElement container) =>
        container.Items("Mounts").Select(static mount => mount.Text("Name") is { Length: > 0 } name ? name : mount.Text("Source"));
}
