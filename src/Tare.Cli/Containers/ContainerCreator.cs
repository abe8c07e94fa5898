using System.Text.Json;
using Tare.Cli.Client;
using Tare.Cli.CommandLine;
using Tare.Cli.Images;

namespace Tare.Cli.Containers;

/// <summary>Creates a container, and pulls its image where that is asked for or missing.</summary>
internal static class ContainerCreator
{
    /// <summary>Creates the container.</summary>
    /// <returns>Its ID.</returns>
    /// <exception cref="DaemonException">The daemon refused.</exception>
    /// <exception cref="CreationException">The image's name or the place of the ID file is bad.</exception>
    /// <exception cref="FormatException">An option is bad.</exception>
    public static string Create(CommandContext context, ContainerFlags flags, CreateRequest request)
    {
        LifecycleFlags lifecycle = flags.Lifecycle;
        if (lifecycle.Pull.Value is not ("always" or "missing" or "never" or ""))
        {
            throw new FormatException($"invalid pull option: '{lifecycle.Pull.Value}': must be one of \"always\", \"missing\" or \"never\"");
        }

        ImageName image = NameOf(request.Image);
        using IdFile? idFile = lifecycle.CidFile.Value.Length > 0 ? IdFile.Create(lifecycle.CidFile.Value) : null;
        string target = new Query("/containers/create").AddUnlessEmpty("name", lifecycle.Name.Value).AddUnlessEmpty("platform", lifecycle.Platform.Value).ToString();
        ReadOnlyMemory<byte> body = request.ToJson();
        if (lifecycle.Pull.Value == "always")
        {
            Pull(context, image, lifecycle);
        }

        using JsonDocument created = Post(context, target, body, image, lifecycle);
        string id = created.RootElement.GetProperty("Id").GetString() ?? string.Empty;
        ReportWarnings(context, created.RootElement);
        idFile?.Write(id);
        return id;
    }

    private static ImageName NameOf(string text)
    {
        try
        {
            return ImageName.Parse(text);
        }
        catch (FormatException failure)
        {
            throw new CreationException(failure.Message, failure);
        }
    }

    private static JsonDocument Post(CommandContext context, string target, ReadOnlyMemory<byte> body, ImageName image, LifecycleFlags lifecycle)
    {
        try
        {
            return context.Client.PostJson(target, body);
        }
        catch (DaemonException failure) when (failure.IsBadReference)
        {
            throw new CreationException(failure.Reason, failure);
        }
        catch (DaemonException failure) when (failure.Status == 404 && lifecycle.Pull.Value is "missing" or "")
        {
            if (!lifecycle.Quiet.Value)
            {
                context.Error.WriteLine($"Unable to find image '{image.Familiar}' locally");
                context.Error.Flush();
            }

            Pull(context, image, lifecycle);
            return context.Client.PostJson(target, body);
        }
    }

    private static void Pull(CommandContext context, ImageName image, LifecycleFlags lifecycle) =>
        ImagePuller.Pull(context.Client, image, lifecycle.Platform.Value, lifecycle.Quiet.Value ? null : context.Error);

    private static void ReportWarnings(CommandContext context, JsonElement created)
    {
        if (created.TryGetProperty("Warnings", out JsonElement warnings) && warnings.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement warning in warnings.EnumerateArray())
            {
                context.Error.WriteLine($"WARNING: {warning.GetString()}");
            }

            context.Error.Flush();
        }
    }
}
