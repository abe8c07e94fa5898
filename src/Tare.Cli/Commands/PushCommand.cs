using System.Text;
using System.Text.Json;
using Tare.Cli.Client;
using Tare.Cli.CommandLine;
using Tare.Cli.Credentials;
using Tare.Cli.Images;
using Tare.Cli.Output;
using Tare.Oci.Images;

namespace Tare.Cli.Commands;

/// <summary><c>tare push</c>: sends an image to a registry.</summary>
internal sealed class PushCommand : Command
{
    private ValueFlag<bool> _allTags = null!;
    private ValueFlag<string> _platform = null!;
    private ValueFlag<bool> _quiet = null!;

    public override string Usage => "[OPTIONS] NAME[:TAG]";

    public override string Summary => "Upload an image to a registry";

    public override IReadOnlyList<string> Spellings => ["image push", "push"];

    public override int MinimumArguments => 1;

    public override int MaximumArguments => 1;

    public override void Define(FlagSet flags)
    {
        _allTags = flags.Switch("all-tags", 'a', "Push all tags of an image to the repository");
        flags.Switch("disable-content-trust", '\0', "Skip the signing of images", initial: true);
        _platform = flags.Text("platform", '\0', "Push only an image of this platform: os[/arch[/variant]]");
        _quiet = flags.Switch("quiet", 'q', "Show no progress");
    }

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        _ = ImageReference.Parse(arguments[0]);
        ImageName image = ImageName.Parse(arguments[0]);
        if (_allTags.Value && image.Tag.Length > 0)
        {
            throw new CommandException("tag can't be used with --all-tags/-a");
        }

        if (image.Digest.Length > 0)
        {
            throw new CommandException("cannot push a digest reference");
        }

        if (image.Tag.Length == 0 && !_allTags.Value && !_quiet.Value)
        {
            context.Out.WriteLine("Using default tag: latest");
            context.Out.Flush();
        }

        string tag = _allTags.Value ? "" : image.Tag.Length > 0 ? image.Tag : "latest";
        string target = new Query($"/images/{image.Repository}/push").AddUnlessEmpty("tag", tag).AddUnlessEmpty("platform", Platform(_platform.Value)).ToString();
        HttpRequest request = new("POST", target)
        {
            // The API demands the header, even where there is nothing to tell (base64 of "{}").
            Headers = [("X-Registry-Auth", CredentialStore.Default.HeaderFor(image.Registry) ?? "e30=")],
        };
        using DaemonResponse response = context.Client.Send(request);
        ProgressPrinter.Copy(response.Body, _quiet.Value ? null : context.Out);
        if (_quiet.Value)
        {
            context.Out.WriteLine(_allTags.Value ? image.CanonicalRepository : image.Canonical);
        }

        return 0;
    }

    private static string Platform(string text)
    {
        if (text.Length == 0)
        {
            return "";
        }

        Platform platform = Oci.Images.Platform.Parse(text);
        using MemoryStream buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            json.WriteString("architecture", platform.Architecture);
            json.WriteString("os", platform.Os);
            if (platform.Variant is not null)
            {
                json.WriteString("variant", platform.Variant);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
