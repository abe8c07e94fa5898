using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Tare.Cli.Archives;
using Tare.Cli.Client;
using Tare.Cli.CommandLine;
using Tare.Cli.Output;
using Tare.Linux;
using Tare.Linux.Files;
using Tare.Linux.Interop;
using Tare.Linux.Terminals;
using Tare.Storage;
using Tare.Storage.Tar;

namespace Tare.Cli.Commands;

/// <summary><c>tare cp</c>: copies files between a container and this machine, or as a tar archive from standard input or to standard output.</summary>
internal sealed class CpCommand : Command
{
    private const uint DirectoryBit = 1u << 31;
    private const uint LinkBit = 1u << 27;
    private const uint DeviceBit = 1u << 26;
    private const uint OtherBits = (1u << 25) | (1u << 24); // pipes and sockets
    private ValueFlag<bool> _archive = null!;
    private ValueFlag<bool> _followLink = null!;
    private ValueFlag<bool> _quiet = null!;

    public override string Usage => "[OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-\n        tare cp [OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH";

    public override string Summary => "Copy files/folders between a container and the local filesystem";

    public override IReadOnlyList<string> Spellings => ["container cp", "cp"];

    public override int MinimumArguments => 2;

    public override int MaximumArguments => 2;

    public override void Define(FlagSet flags)
    {
        _archive = flags.Switch("archive", 'a', "Archive mode (copy all uid/gid information)");
        _followLink = flags.Switch("follow-link", 'L', "Always follow a symbolic link in SRC_PATH");
        _quiet = flags.Switch("quiet", 'q', "Show no progress; as where standard output is no terminal");
    }

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        if (arguments[0].Length == 0 || arguments[1].Length == 0)
        {
            throw new CommandException(arguments[0].Length == 0 ? "source can not be empty" : "destination can not be empty");
        }

        (string sourceContainer, string source) = SplitArgument(arguments[0]);
        (string destinationContainer, string destination) = SplitArgument(arguments[1]);
        try
        {
            switch (sourceContainer.Length > 0, destinationContainer.Length > 0)
            {
                case (true, true):
                    throw new CommandException("copying between containers is not supported");
                case (true, false):
                    CopyOut(context, sourceContainer, source, destination);
                    return 0;
                case (false, true):
                    CopyIn(context, source, destinationContainer, destination);
                    return 0;
                default:
                    throw new CommandException("must specify at least one container source");
            }
        }
        catch (Exception failure) when (failure is StorageException or LinuxException)
        {
            throw new CommandException(failure.Message);
        }
    }

    // A colon after a path that begins with "/" or "." belongs to the path.
    private static (string Container, string Path) SplitArgument(string argument)
    {
        int colon = argument.IndexOf(':', StringComparison.Ordinal);
        return argument.StartsWith('/') || colon < 0 || argument.StartsWith('.') ? ("", argument) : (argument[..colon], argument[(colon + 1)..]);
    }

    private void CopyOut(CommandContext context, string container, string source, string destination)
    {
        string place = destination == "-" ? destination : LocalPath.Absolute(destination);
        if (destination != "-")
        {
            OutputFile.Check(place);
        }

        string rebase = "";
        if (_followLink.Value && TryStat(context, container, source) is { } linked && (linked.Mode & LinkBit) != 0)
        {
            (source, rebase) = CopyPlace.Rebase(source, Against(source, linked.LinkTarget));
        }

        using DaemonResponse response = context.Client.Send(new HttpRequest("GET", new Query($"/containers/{container}/archive").Add("path", source).ToString()));
        if (destination == "-")
        {
            OutputFile.CopyTo(response.Body, context.Out);
            return;
        }

        CopyPlace origin = new(source, true, (CopyPlace.ReadStat(response.PathStat).Mode & DirectoryBit) != 0, rebase);
        CopyPlan plan = CopyPlan.Make(origin with { RebaseName = "" }, CopyPlace.Destination(place));
        CountingStream body = new(response.Body);
        // The archive has the name of what a link leads to; what it becomes is the name that was asked for, unless the destination says another.
        (string, string)? replaced = plan.Rebase ?? (rebase.Length > 0 ? (LocalPath.Split(source).Name, rebase) : null);
        using ConfinedRoot root = ConfinedRoot.Open("/");
        TreeArchive.Extract(root, plan.Directory, body, new ExtractOptions { KeepKinds = true, SetOwners = false, Rebase = replaced is ("/", _) ? ("", replaced.Value.Item2) : replaced }, CancellationToken.None);
        Report(context, body.Count, place);
    }

    private void CopyIn(CommandContext context, string source, string container, string destination)
    {
        CopyPlace target = new(destination, false, false);
        (uint Mode, string LinkTarget)? stat = TryStat(context, container, destination);
        if (stat is { } link && (link.Mode & LinkBit) != 0)
        {
            target = target with { Path = Against(destination, link.LinkTarget) };
            stat = TryStat(context, container, target.Path);
        }

        if (stat is { } known)
        {
            if ((known.Mode & (DeviceBit | OtherBits)) != 0)
            {
                throw new CommandException($"destination \"{container}:{destination}\" must be a directory or a regular file: {((known.Mode & DeviceBit) != 0 ? "got a device" : "got an irregular file")}");
            }

            target = target with { Exists = true, IsDirectory = (known.Mode & DirectoryBit) != 0 };
        }

        if (source == "-")
        {
            if (!target.IsDirectory)
            {
                throw new CommandException($"destination \"{container}:{destination}\" must be a directory");
            }

            StandardStream input = new(0);
            Put(context, container, target.Path, input.CopyTo);
            return;
        }

        CopyPlace origin = CopyPlace.Source(LocalPath.Absolute(source), _followLink.Value);
        CopyPlan plan = CopyPlan.Make(origin, target);
        string name = plan.Rebase?.New ?? (origin.RebaseName.Length > 0 ? origin.RebaseName : LocalPath.Split(origin.Path).Name);
        using ConfinedRoot root = ConfinedRoot.Open("/");
        using SafeFileHandle place = root.OpenInside(origin.Path, Libc.O_PATH | Libc.O_NOFOLLOW);
        long count = 0;
        Put(context, container, plan.Directory, output =>
        {
            CountingStream counted = new(output);
            TreeArchive.WriteResource(place, name == "/" ? "" : name, counted, null, CancellationToken.None);
            count = counted.Count;
        });
        Report(context, count, $"{container}:{target.Path}");
    }

    private void Put(CommandContext context, string container, string path, Action<Stream> body)
    {
        Query query = new Query($"/containers/{container}/archive").Add("noOverwriteDirNonDir", "true").Add("path", path);
        if (_archive.Value)
        {
            query.Add("copyUIDGID", "true");
        }

        using DaemonResponse response = context.Client.Send(new HttpRequest("PUT", query.ToString()) { BodyWriter = body, Headers = [("Content-Type", "application/x-tar")] });
        _ = response.Body.ReadAll();
    }

    // Errors are told by the request that follows.
    private static (uint Mode, string LinkTarget)? TryStat(CommandContext context, string container, string path)
    {
        try
        {
            using DaemonResponse response = context.Client.Send(new HttpRequest("HEAD", new Query($"/containers/{container}/archive").Add("path", path).ToString()));
            return CopyPlace.ReadStat(response.PathStat);
        }
        catch (DaemonException)
        {
            return null;
        }
    }

    private static string Against(string path, string linkTarget) => linkTarget.StartsWith('/') ? linkTarget : LocalPath.Join(LocalPath.Split(path).Folder, linkTarget);

    private void Report(CommandContext context, long bytes, string place)
    {
        if (!_quiet.Value && context.Out.IsTerminal)
        {
            context.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Successfully copied {SizeText.Human(bytes, 3)} to {place}"));
        }
    }
}
