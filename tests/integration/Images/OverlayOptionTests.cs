namespace Tare.IntegrationTests.Images;

/// <summary>
/// Where the kernel lets overlays keep references to lower layers by default (module parameters redirect_dir and metacopy), containers are mounted without them all the same: what they
/// renamed and what they changed the mode of is told by diff and kept by commit.
/// </summary>
public sealed class OverlayOptionTests(DaemonFixture daemon) : IClassFixture<DaemonFixture>
{
    private const string Parameters = "/sys/module/overlay/parameters/";
    private static readonly string[] s_names = ["redirect_dir", "metacopy"];

    [Fact]
    public void RenamedDirectoriesAndChangedModesAreWhole()
    {
        string[] before = [.. s_names.Select(name => File.ReadAllText(Parameters + name).Trim())];
        try
        {
            foreach (string name in s_names)
            {
                if (!TryWrite(Parameters + name, "Y"))
                {
                    Assert.Skip($"the kernel does not let {name} be switched on");
                }
            }

            daemon.Tare(["run", "--name", "mover", "busybox", "sh", "-c", "grep ' / / ' /proc/self/mountinfo; mv /home /moved && chmod 700 /bin/busybox"]);
        }
        finally
        {
            for (int i = 0; i < s_names.Length; i++)
            {
                TryWrite(Parameters + s_names[i], before[i]);
            }
        }

        // Where links that others made are always followed, the kernel calls "off" so.
        string mount = daemon.Tare("logs mover").Ok().Stdout;
        Assert.True(mount.Contains("redirect_dir=off", StringComparison.Ordinal) || mount.Contains("redirect_dir=follow", StringComparison.Ordinal), mount);
        Assert.Contains("metacopy=off", mount, StringComparison.Ordinal);
        string[] changes = daemon.Tare("diff mover").Ok().Text.Split('\n');
        Assert.Contains("D /home", changes);
        Assert.Contains("A /moved/user", changes);
        Assert.Contains("C /bin/busybox", changes);
        daemon.Tare("commit mover moved:1").Ok();
        Assert.Equal("user", daemon.Tare("run --rm moved:1 ls /moved").Ok().Text);
        Assert.Equal("700", daemon.Tare("run --rm moved:1 stat -c %a /bin/busybox").Ok().Text);
        daemon.Tare("rm mover").Ok();
        daemon.Tare("rmi moved:1").Ok();
    }

    private static bool TryWrite(string path, string value)
    {
        try
        {
            File.WriteAllText(path, value);
            return true;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
