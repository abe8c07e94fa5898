using Tare.Oci.Runtime;
using Tare.Runtime.Plan;

namespace Tare.UnitTests.Runtime;

public sealed class SysctlNamesTests
{
    private static readonly NamespacePlan s_all = NamespacePlan.Of(new LinuxSpec { Namespaces = [.. new[] { "network", "ipc", "uts" }.Select(type => new LinuxNamespace { Type = type })] });

    [Theory]
    [InlineData("net.ipv4.ip_forward", "sys/net/ipv4/ip_forward")]
    [InlineData("net/ipv4/conf/eth0.1/forwarding", "sys/net/ipv4/conf/eth0.1/forwarding")]
    [InlineData("kernel.shmmax", "sys/kernel/shmmax")]
    [InlineData("fs.mqueue.msg_max", "sys/fs/mqueue/msg_max")]
    [InlineData("kernel.domainname", "sys/kernel/domainname")]
    public void NamespacedParametersHaveTheirFile(string name, string path) => Assert.Equal(path, SysctlNames.PathOf(name, s_all));

    [Theory]
    [InlineData("kernel.hostname")]
    [InlineData("kernel.panic")]
    [InlineData("vm.swappiness")]
    [InlineData("user.max_user_namespaces")]
    [InlineData("net/../kernel/panic")]
    public void TheMachinesParametersAreRefused(string name) => Assert.Throws<ArgumentException>(() => SysctlNames.PathOf(name, s_all));

    [Fact]
    public void NeedsTheNamespace() => Assert.Throws<ArgumentException>(() => SysctlNames.PathOf("net.ipv4.ip_forward", NamespacePlan.Of(new LinuxSpec())));
}
