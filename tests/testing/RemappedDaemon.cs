namespace Tare.Testing;

/// <summary>A daemon that maps containers to the ranges of a user, whom the tests' mount namespace alone knows.</summary>
public sealed class RemappedDaemon : DaemonFixture
{
    private static readonly (string File, string Line)[] s_files =
    [
        ("passwd", "taremap:x:64990:64990::/:/bin/false"), ("group", "taremap:x:64990:"), ("subuid", "taremap:300000:65536"), ("subgid", "64990:400000:65536"),
    ];

    protected override IReadOnlyList<string> ExtraArguments => ["--userns-remap taremap"];

    protected override void BeforeStart()
    {
        foreach ((string file, string line) in s_files)
        {
            string etc = "/etc/" + file;
            if (!File.Exists(etc))
            {
                File.WriteAllText(etc, "");
            }

            File.WriteAllText($"{Root}/{file}", $"{File.ReadAllText(etc).TrimEnd('\n')}\n{line}\n");
            Command.Run("/bin/mount", ["--bind", $"{Root}/{file}", etc]).Ok();
        }
    }

    protected override void AfterStop()
    {
        foreach ((string file, _) in s_files)
        {
            Command.Run("/bin/umount", ["/etc/" + file]).Ok();
        }
    }
}
