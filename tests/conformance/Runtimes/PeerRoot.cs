using System.Diagnostics;
using System.Globalization;

namespace Tare.ConformanceTests.Runtimes;

/// <summary>
/// The Debian sid root of eng/peers.sh, entered once: a process holds its mount namespace, and commands join it, so that what one of them mounts or
/// writes below /run is there for the next. Everything that the commands keep stands below <see cref="Folder"/>, whose name marks processes and cgroups.
/// Disposing it fails the test when any of them is left.
/// </summary>
public sealed class PeerRoot : IDisposable
{
    private static int s_count;
    private readonly Process _shell;
    private readonly Process _holder;
    private SortedSet<string> _before;

    public PeerRoot()
    {
        Name = $"tare-peers-{Environment.ProcessId}-{Interlocked.Increment(ref s_count)}";
        Directory.CreateDirectory(Folder);
        // Only /tmp is the same in both roots.
        File.Copy(Programs.Runtime, Runtime);
        File.WriteAllBytes(Folder + "/busybox.tar", BusyboxRoot.Tar);
        string script = $". {Programs.SourceRoot()}/eng/peers.sh; peers_enter sh -c 'echo $$; exec sleep 100000'";
        _shell = Command.Start("/bin/bash", ["-c", script]);
        string pid = _shell.StandardOutput.ReadLine() ?? throw new InvalidOperationException("entering the peers' root: " + _shell.StandardError.ReadToEnd());
        _holder = Process.GetProcessById(int.Parse(pid, CultureInfo.InvariantCulture));
        _before = Look();
    }

    /// <summary>A name that nothing else on the machine has.</summary>
    public string Name { get; }

    public string Folder => "/tmp/" + Name;

    /// <summary>The program under test, where the peers see it.</summary>
    public string Runtime => Folder + "/tare-runtime";

    /// <summary>A cgroup for all containers of the test.</summary>
    public string CgroupParent => "/" + Name;

    public CommandResult Run(IEnumerable<string> command, byte[]? stdin = null, TimeSpan? timeout = null)
        => Command.Run("/usr/bin/nsenter", Joined(command), stdin, timeout);

    /// <summary>Runs a command with a terminal of its own, by script(1).</summary>
    public CommandResult RunOnTerminal(string command)
    {
        // The input stays open: script types an end of file where its own input ends, and the container would echo it.
        using Process process = Start(["timeout", "30", "script", "-qec", command, "/dev/null"]);
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new CommandResult(command, process.ExitCode, output, process.StandardError.ReadToEnd());
    }

    public Process Start(IEnumerable<string> command) => Command.Start("/usr/bin/nsenter", Joined(command));

    /// <summary>The namespaces of the peers' root, as in "net:[4026531840]".</summary>
    public IReadOnlyList<string> NamespaceLinks()
        => [.. Directory.EnumerateFileSystemEntries($"/proc/{_holder.Id}/ns").Select(path => new FileInfo(path).LinkTarget!)];

    /// <summary>From here on, what is there now counts as the machine's state.</summary>
    public void Remember() => _before = Look();

    /// <summary>Fails with the list of what is here now and was not before; waits up to five seconds for the kernel's asynchronous clean-up.</summary>
    public void AssertNothingNew()
        => Eventually.True(() => !Look().Except(_before).Any(), () => "left behind: " + string.Join("; ", Look().Except(_before)), TimeSpan.FromSeconds(5));

    public void Dispose()
    {
        try
        {
            RemoveCgroup("");
            AssertNothingNew();
        }
        finally
        {
            _holder.Kill();
            _shell.WaitForExit();
            _holder.Dispose();
            _shell.Dispose();
            Command.Run("/bin/rm", ["-rf", Folder]).Ok();
        }
    }

    /// <summary>Removes the cgroup that daemons make for their containers and keep: <see cref="CgroupParent"/> and what is named below it, in every hierarchy.</summary>
    public void RemoveCgroup(string below)
    {
        foreach (string folder in Cgroups().Where(path => path.EndsWith(CgroupParent + below, StringComparison.Ordinal)).ToList())
        {
            // A monitor may be on its way out still.
            Eventually.True(() => Removed(folder), () => $"in use: {folder}: {File.ReadAllText(folder + "/cgroup.procs")}");
        }
    }

    private static bool Removed(string folder)
    {
        try
        {
            Directory.Delete(folder);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private IEnumerable<string> Joined(IEnumerable<string> command)
        => ["-t", _holder.Id.ToString(CultureInfo.InvariantCulture), "-m", "--", "env", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=" + Folder, "PODMAN_IGNORE_CGROUPSV1_WARNING=1", .. command];

    private IEnumerable<string> Cgroups()
        => Directory.EnumerateDirectories("/sys/fs/cgroup", "*", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint })
            .Where(path => path.Contains(Name, StringComparison.Ordinal));

    private SortedSet<string> Look()
        => new(
            [
                .. File.ReadLines($"/proc/{_holder.Id}/mounts").Select(line => "mount " + line.Split(' ')[1]),
                .. MachineState.Interfaces().Select(name => "interface " + name),
                .. Cgroups().Select(path => "cgroup " + path),
                .. Processes().Select(line => "process " + line),
            ],
            StringComparer.Ordinal);

    private IEnumerable<string> Processes()
    {
        foreach (string folder in Directory.EnumerateDirectories("/proc").Where(path => int.TryParse(Path.GetFileName(path), out _)))
        {
            string line;
            try
            {
                line = File.ReadAllText(folder + "/cmdline").Replace('\0', ' ');
            }
            catch (IOException)
            {
                continue; // ended while we looked
            }

            if (line.Contains(Folder, StringComparison.Ordinal))
            {
                yield return $"{Path.GetFileName(folder)} {line}";
            }
        }
    }
}
