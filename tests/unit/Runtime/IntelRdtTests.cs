using Tare.Oci.Runtime;
using Tare.Runtime.Cgroups;
using Tare.Runtime.Containers;

namespace Tare.UnitTests.Runtime;

public sealed class IntelRdtTests : IDisposable
{
    private readonly string _mount = Directory.CreateTempSubdirectory("tare-rdt-").FullName;

    public void Dispose() => Directory.Delete(_mount, recursive: true);

    [Fact]
    public void AClassOfItsOwnIsMadeAndRemoved()
    {
        LinuxIntelRdt rdt = new() { L3CacheSchema = "L3:0=ff", Schemata = ["MB:0=50"] };
        IntelRdt.Join(_mount, rdt, "c1", 42);
        Assert.Equal("L3:0=ff\nMB:0=50\n", File.ReadAllText(_mount + "/c1/schemata"));
        Assert.Equal("42", File.ReadAllText(_mount + "/c1/tasks"));
        IntelRdt.Change(_mount, rdt, "c1", new LinuxIntelRdt { MemBwSchema = "MB:0=70" });
        Assert.Equal("MB:0=70\n", File.ReadAllText(_mount + "/c1/schemata"));
        File.Delete(_mount + "/c1/schemata"); // in resctrl they go with their directory
        File.Delete(_mount + "/c1/tasks");
        IntelRdt.Leave(_mount, rdt, "c1");
        Assert.False(Directory.Exists(_mount + "/c1"));
    }

    [Fact]
    public void AClassThatIsThereKeepsItsSchemata()
    {
        Directory.CreateDirectory(_mount + "/gold");
        File.WriteAllText(_mount + "/gold/schemata", "    L3:0=f\n    MB:0=50\n");
        IntelRdt.Join(_mount, new LinuxIntelRdt { ClosId = "gold", Schemata = ["L3:0=f"], EnableMonitoring = true }, "c1", 42);
        Assert.Equal("42", File.ReadAllText(_mount + "/gold/mon_groups/c1/tasks"));
        Assert.Contains("exists with other schemata", Assert.Throws<RuntimeException>(() => IntelRdt.Join(_mount, new LinuxIntelRdt { ClosId = "gold", L3CacheSchema = "L3:0=ff" }, "c1", 42)).Message, StringComparison.Ordinal);
        IntelRdt.Leave(_mount, new LinuxIntelRdt { ClosId = "gold" }, "c2");
        Assert.True(Directory.Exists(_mount + "/gold"));
    }

    [Theory]
    [InlineData("/", "/tasks")]
    [InlineData("gold", "/gold/tasks")]
    public void TheRootIsAClassToo(string name, string tasks)
    {
        IntelRdt.Join(_mount, new LinuxIntelRdt { ClosId = name }, "c1", 7);
        Assert.Equal("7", File.ReadAllText(_mount + tasks));
    }

    [Theory]
    [InlineData("..")]
    [InlineData("a/b")]
    public void ANameThatLeadsAwayIsRefused(string name) => Assert.Throws<RuntimeException>(() => IntelRdt.Join(_mount, new LinuxIntelRdt { ClosId = name }, "c1", 7));
}
