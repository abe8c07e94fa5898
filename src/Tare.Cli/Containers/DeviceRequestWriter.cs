using System.Globalization;
using System.Text.Json;

namespace Tare.Cli.Containers;

/// <summary>Writes <c>DeviceRequests</c>: GPUs, and devices of the Container Device Interface.</summary>
internal static class DeviceRequestWriter
{
    /// <summary>Writes the member where there is anything to ask for.</summary>
    /// <exception cref="FormatException">The GPUs cannot be read.</exception>
    public static void Write(Utf8JsonWriter json, StorageFlags storage)
    {
        List<string> names = [.. storage.Devices.Values.Where(static device => device.IsCdi).Select(static device => device.PathOnHost)];
        string gpus = storage.Gpus.Value;
        if (names.Count == 0 && gpus.Length == 0)
        {
            return;
        }

        json.WriteStartArray("DeviceRequests");
        if (gpus.Length > 0)
        {
            WriteGpus(json, gpus);
        }

        if (names.Count > 0)
        {
            json.WriteStartObject();
            json.WriteString("Driver", "cdi");
            JsonFields.Texts(json, "DeviceIDs", names);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    // "all", "2", or fields in the form of CSV: device=, count=, driver=, capabilities=, options=.
    private static void WriteGpus(Utf8JsonWriter json, string text)
    {
        (int count, string driver) = (0, "");
        List<string> ids = [];
        List<string> capabilities = ["gpu"];
        bool isCounted = false;
        foreach (string field in CsvLine.Split(text))
        {
            int equals = field.IndexOf('=', StringComparison.Ordinal);
            string value = field[(equals + 1)..];
            switch (equals < 0 ? "count" : field[..equals])
            {
                case "count":
                    count = value == "all" ? -1
                        : int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number
                        : throw new FormatException($"invalid argument \"{text}\" for \"--gpus\" flag: invalid count ({value}): value must be either \"all\" or an integer");
                    isCounted = true;
                    break;
                case "device":
                    ids.AddRange(value.Split(','));
                    break;
                case "driver":
                    driver = value;
                    break;
                case "capabilities":
                    capabilities = ["gpu", .. value.Split(',').Where(static c => c != "gpu")];
                    break;
                default:
                    throw new FormatException($"invalid argument \"{text}\" for \"--gpus\" flag: unexpected key '{field[..equals]}' in '{field}'");
            }
        }

        json.WriteStartObject();
        json.WriteString("Driver", driver);
        json.WriteNumber("Count", !isCounted && ids.Count == 0 ? 1 : count);
        JsonFields.Texts(json, "DeviceIDs", ids);
        json.WriteStartArray("Capabilities");
        json.WriteStartArray();
        capabilities.ForEach(json.WriteStringValue);
        json.WriteEndArray();
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
