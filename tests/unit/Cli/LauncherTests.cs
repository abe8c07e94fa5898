using System.Text;
using Tare.Cli.CommandLine;
using Tare.Cli.Commands;
using Tare.Cli.Completion;
using Tare.Cli.Output;

namespace Tare.UnitTests.Cli;

public sealed class LauncherTests
{
    [Theory]
    [InlineData(1, "tare: unknown command: tare foo\n\nRun 'tare --help' for more information\n", "foo")]
    [InlineData(1, "tare: unknown command: tare container foo\n\nUsage:  tare container\n\nRun 'tare container --help' for more information\n", "container", "foo")]
    [InlineData(1, "tare: 'tare ps' accepts no arguments\n\nUsage:  tare ps [OPTIONS]\n\nRun 'tare ps --help' for more information\n", "ps", "a")]
    [InlineData(1, "tare: 'tare rm' requires at least 1 argument\n\nUsage:  tare rm [OPTIONS] CONTAINER [CONTAINER...]\n\nSee 'tare rm --help' for more information\n", "rm")]
    [InlineData(1, "tare: 'tare rename' requires 2 arguments\n\nUsage:  tare rename CONTAINER NEW_NAME\n\nRun 'tare rename --help' for more information\n", "rename", "a")]
    [InlineData(125, "unknown flag: --foo\n\nUsage:  tare run [OPTIONS] IMAGE [COMMAND] [ARG...]\n\nRun 'tare run --help' for more information\n", "run", "--foo")]
    [InlineData(125, "unknown flag: --foo\n\nUsage:  tare container run [OPTIONS] IMAGE [COMMAND] [ARG...]\n\nRun 'tare container run --help' for more information\n", "container", "run", "--foo")]
    [InlineData(125, "tare: invalid pull option: 'x': must be one of \"always\", \"missing\" or \"never\"\n\nRun 'tare run --help' for more information\n", "run", "--pull", "x", "busybox")]
    public void FaultsOfTheCommandLineAreTold(int exitCode, string message, params string[] arguments)
    {
        (int code, string _, string error) = Launch(arguments);
        Assert.Equal(message, error);
        Assert.Equal(exitCode, code);
    }

    [Fact]
    public void EveryCommandHasAHelpText()
    {
        foreach (string group in (string[])["", "container", "image", "network", "system", "volume"])
        {
            foreach (string name in CommandTable.Names(group).Where(static name => !CommandTable.IsGroup(name)))
            {
                (int code, string output, string error) = Launch(group.Length == 0 ? [name, "--help"] : [group, name, "--help"]);
                Assert.Equal((0, string.Empty), (code, error));
                Assert.StartsWith($"Usage:  tare {(group.Length == 0 ? name : $"{group} {name}")}", output, StringComparison.Ordinal);
                Assert.All(output.Split('\n'), static line => Assert.True(line.Length <= 120, line));
            }
        }
    }

    [Fact]
    public void TheHelpOfACommandListsItsOptions() => Assert.Equal(
        """
        Usage:  tare stop [OPTIONS] CONTAINER [CONTAINER...]

        Stop one or more running containers

        Aliases:
          tare container stop, tare stop

        Options:
          -s, --signal string   Signal to send to the container
          -t, --timeout int     Seconds to wait before the container is killed (-1 to
                                wait for ever)

        """,
        Launch("stop", "--help").Output);

    [Fact]
    public void CompletionScriptsNameEveryCommand()
    {
        foreach (string script in (string[])[BashCompletion.Script(), ZshCompletion.Script(), FishCompletion.Script()])
        {
            Assert.All(CompletionModel.Names(string.Empty), name => Assert.Contains(name, script, StringComparison.Ordinal));
        }
    }

    private static (int ExitCode, string Output, string Error) Launch(params string[] arguments)
    {
        using MemoryStream output = new(), error = new();
        OutputWriter outWriter = new(output, false, static () => 80), errorWriter = new(error, false, static () => 80);
        int exitCode = new Launcher(outWriter, errorWriter).Run(arguments);
        outWriter.Flush();
        errorWriter.Flush();
        return (exitCode, Encoding.UTF8.GetString(output.ToArray()), Encoding.UTF8.GetString(error.ToArray()));
    }
}
