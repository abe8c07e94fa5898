using Tare.Runtime.Commands;
using Tare.Runtime.Containers;

namespace Tare.UnitTests.Runtime;

public sealed class CommandLineReaderTests
{
    [Fact]
    public void ReadsAllFormsThatCallersWrite()
    {
        RunOptions options = RunOptions.Read("run", new CommandLineReader(["--bundle=/b", "-pid-file", "/p", "--preserve-fds", "2", "-d", "--keep=false", "c1"], 0));
        Assert.Equal(("c1", "/b", "/p", 2, true, false), (options.Id, options.Bundle, options.PidFile, options.PreserveFds, options.Detach, options.Keep));
    }

    [Theory]
    [InlineData("flag provided but not defined: -nothing", "--nothing", "c1")]
    [InlineData("flag needs an argument: -pid-file", "--pid-file")]
    [InlineData("requires exactly 1 argument", "--detach")]
    [InlineData("requires exactly 1 argument", "a", "b")]
    [InlineData("invalid value \"x\" for flag -preserve-fds", "--preserve-fds", "x", "c1")]
    [InlineData("invalid boolean value \"maybe\" for -detach", "--detach=maybe", "c1")]
    public void RefusesWhatItDoesNotKnow(string message, params string[] arguments)
    {
        RuntimeException failure = Assert.Throws<RuntimeException>(() => RunOptions.Read("run", new CommandLineReader(arguments, 0)));
        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OptionsMayFollowTheId()
    {
        RunOptions options = RunOptions.Read("run", new CommandLineReader(["c1", "-d", "--bundle", "/b"], 0, interspersed: true));
        Assert.Equal(("c1", "/b", true), (options.Id, options.Bundle, options.Detach));
        CommandLineReader reader = new(["c1", "--all", "--", "-9"], 0, interspersed: true);
        Assert.True(reader.NextOption());
        Assert.False(reader.NextOption());
        Assert.Equal(["c1", "-9"], reader.Rest());
    }

    [Fact]
    public void OptionsOfTheCommandInsideAreNotOurs()
    {
        CommandLineReader reader = new(["--cwd", "/", "c1", "ls", "-l"], 0);
        Assert.True(reader.NextOption());
        Assert.Equal(("cwd", "/"), (reader.Option, reader.Value()));
        Assert.False(reader.NextOption());
        Assert.Equal(["c1", "ls", "-l"], reader.Rest());
    }
}
