using Tare.Cli.CommandLine;

namespace Tare.UnitTests.Cli;

public sealed class FlagSetTests
{
    private readonly FlagSet _flags = new();
    private readonly ValueFlag<bool> _tty;
    private readonly ValueFlag<bool> _interactive;
    private readonly ValueFlag<long> _memory;
    private readonly ListFlag<string> _variables;

    public FlagSetTests()
    {
        _tty = _flags.Switch("tty", 't', "");
        _interactive = _flags.Switch("interactive", 'i', "");
        _memory = _flags.Bytes("memory", 'm', "");
        _variables = _flags.List("env", 'e', "");
    }

    [Fact]
    public void SwitchesAreBundledAndValuesFollowInEverySpelling()
    {
        List<string> rest = _flags.Parse(["-ti", "-m64m", "-e", "A=b", "--env=C=d", "-e=E=f", "image", "-x"], interspersed: false);
        Assert.Equal(["image", "-x"], rest);
        Assert.True(_tty.Value);
        Assert.True(_interactive.Value);
        Assert.Equal(64 << 20, _memory.Value);
        Assert.Equal(["A=b", "C=d", "E=f"], _variables.Values);
    }

    [Fact]
    public void OptionsMayFollowArgumentsWhereTheCommandAllowsIt() =>
        Assert.Equal(["a", "b", "-t"], _flags.Parse(["a", "-t", "b", "--", "-t"], interspersed: true));

    [Fact]
    public void ASwitchTakesAValueOnlyBehindAnEqualsSign()
    {
        Assert.Equal(["false"], _flags.Parse(["--tty=false", "-i", "false"], interspersed: true));
        Assert.False(_tty.Value);
        Assert.True(_tty.IsSet);
        Assert.True(_interactive.Value);
    }

    [Theory]
    [InlineData("--foo", "unknown flag: --foo")]
    [InlineData("-tZ", "unknown shorthand flag: 'Z' in -Z")]
    [InlineData("--memory", "flag needs an argument: --memory")]
    [InlineData("-tm", "flag needs an argument: 'm' in -m")]
    [InlineData("-mx", "invalid argument \"x\" for \"-m, --memory\" flag: invalid size: 'x'")]
    [InlineData("--tty=x", "invalid argument \"x\" for \"-t, --tty\" flag: strconv.ParseBool: parsing \"x\": invalid syntax")]
    [InlineData("--=x", "bad flag syntax: --=x")]
    public void FaultsAreNamedInDockersWords(string argument, string message)
    {
        UsageException fault = Assert.Throws<UsageException>(() => _flags.Parse([argument], interspersed: false));
        Assert.Equal(message, fault.Message);
        Assert.Equal(125, fault.ExitCode);
    }

    [Fact]
    public void HelpIsAlwaysKnown()
    {
        _flags.Parse(["--help"], interspersed: false);
        Assert.True(_flags.HelpRequested);
    }
}
