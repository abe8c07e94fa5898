using Tare.Cli.Client;
using Tare.Cli.Credentials;
using Tare.Cli.Output;

namespace Tare.Cli.Images;

/// <summary>Asks the daemon to pull an image and shows how it goes.</summary>
internal static class ImagePuller
{
    /// <summary>Pulls.</summary>
    /// <param name="client">The daemon.</param>
    /// <param name="image">The image.</param>
    /// <param name="platform">Platform such as linux/arm64; empty for that of the daemon.</param>
    /// <param name="output">Where progress is shown, or null for none.</param>
    /// <param name="allTags">Every tag of the repository.</param>
    /// <exception cref="DaemonException">The daemon refused.</exception>
    /// <exception cref="StreamedErrorException">The pull failed midway.</exception>
    public static void Pull(DaemonClient client, ImageName image, string platform, OutputWriter? output, bool allTags = false)
    {
        string tag = image.Digest.Length > 0 ? image.Digest : image.Tag.Length > 0 ? image.Tag : "latest";
        string target = new Query("/images/create").Add("fromImage", image.Repository).AddUnlessEmpty("tag", allTags ? string.Empty : tag)
            .AddUnlessEmpty("platform", platform).ToString();
        HttpRequest request = new("POST", target)
        {
            Headers = CredentialStore.Default.HeaderFor(image.Registry) is { } header ? [("X-Registry-Auth", header)] : [],
        };
        using DaemonResponse response = client.Send(request);
        ProgressPrinter.Copy(response.Body, output);
    }
}
