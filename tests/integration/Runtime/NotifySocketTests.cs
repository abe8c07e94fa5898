using System.Net.Sockets;
using System.Text;

namespace Tare.IntegrationTests.Runtime;

/// <summary>NOTIFY_SOCKET: a container says that it is ready, and the service manager hears of it (sd_notify(3)); sockets that a manager passes (sd_listen_fds(3)).</summary>
public sealed class NotifySocketTests : BundleTests
{
    private const string Waiting = "echo $NOTIFY_SOCKET > /told; while [ ! -e /end ]; do sleep 0.05; done; exit 4";

    private string ManagerPath => Bundle.Folder + "/manager.sock";

    private string InsidePath => $"{Bundle.StateRoot}/{Bundle.Id}/notify/notify.sock";

    [Fact]
    public async Task ADetachedRunReturnsWhenTheContainerIsReady()
    {
        using Manager manager = new(ManagerPath);
        Bundle.Sh(Waiting);
        Task<CommandResult> run = Start("run --detach");
        Eventually.True(() => File.Exists(Bundle.Folder + "/rootfs/told"), "it does not run");
        Assert.Equal("/run/notify/notify.sock", File.ReadAllText(Bundle.Folder + "/rootfs/told").Trim());
        Say("STATUS=warming up");
        Assert.False(run.IsCompleted);
        Say("STATUS=warm\nREADY=1\nX_OTHER=1");
        (await run).Ok();
        string pid = System.Text.Json.Nodes.JsonNode.Parse(Bundle.Runtime(["state", Bundle.Id]).Ok().Stdout)!["pid"]!.ToString();
        Assert.Equal(["READY=1\n", $"MAINPID={pid}\n", "BARRIER=1"], manager.Messages);
    }

    [Fact]
    public async Task CreateAndStartShareTheSocket()
    {
        using Manager manager = new(ManagerPath);
        Bundle.Sh(Waiting);
        (await Start("create")).Ok();
        Assert.Empty(manager.Messages);
        Task<CommandResult> start = Command("start", Bundle.Id);
        Eventually.True(() => File.Exists(Bundle.Folder + "/rootfs/told"), "it does not run");
        Say("READY=1");
        (await start).Ok();
        Assert.Equal("BARRIER=1", manager.Messages[^1]);
    }

    [Fact]
    public async Task AForegroundRunStaysWhatTheManagerWatches()
    {
        using Manager manager = new(ManagerPath);
        Bundle.Sh(Waiting);
        Task<CommandResult> run = Start("run");
        Eventually.True(() => File.Exists(Bundle.Folder + "/rootfs/told"), "it does not run");
        Say("READY=1");
        Eventually.True(() => manager.Messages.Contains("BARRIER=1"), "the manager hears nothing");
        Assert.Equal(["READY=1\n", "BARRIER=1"], manager.Messages);
        File.WriteAllText(Bundle.Folder + "/rootfs/end", "");
        (await run).Exits(4);
        Assert.False(Directory.Exists($"{Bundle.StateRoot}/{Bundle.Id}"));
    }

    [Fact]
    public async Task AContainerThatEndsUnreadyDoesNotHoldTheRuntime()
    {
        using Manager manager = new(ManagerPath);
        Bundle.Sh("exit 3");
        (await Start("run --detach")).Ok();
        Assert.Empty(manager.Messages);
    }

    [Fact]
    public void PassedSocketsReachTheProcessWithItsPid()
    {
        Bundle.Sh("echo $LISTEN_FDS $LISTEN_PID; cat <&3; cat <&4");
        File.WriteAllText(Bundle.Folder + "/three", "3");
        File.WriteAllText(Bundle.Folder + "/four", "4");
        CommandResult result = Testing.Command.Run("/bin/sh", ["-c", $"LISTEN_FDS=1 LISTEN_PID=$$ exec {Programs.Runtime} --root {Bundle.StateRoot} run --preserve-fds 1 --bundle {Bundle.Folder} {Bundle.Id} 3<{Bundle.Folder}/three 4<{Bundle.Folder}/four"]);
        Assert.Equal("1 1\n34", result.Ok().Stdout);
    }

    private Task<CommandResult> Start(string command) => Command([.. command.Split(' '), "--bundle", Bundle.Folder, Bundle.Id]);

    private Task<CommandResult> Command(params string[] arguments) => Task.Run(
        () => Testing.Command.Run("/bin/sh", ["-c", $"NOTIFY_SOCKET={ManagerPath} exec {Programs.Runtime} --root {Bundle.StateRoot} {string.Join(' ', arguments)} </dev/null >/dev/null 2>{Bundle.Folder}/stderr"]),
        TestContext.Current.CancellationToken);

    // The socket outside is the one that the container sees.
    private void Say(string message)
    {
        using Socket socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.SendTo(Encoding.UTF8.GetBytes(message), new UnixDomainSocketEndPoint(InsidePath));
    }

    /// <summary>A service manager: keeps what it hears. It closes the descriptors that come with a message, as .NET does by never taking them.</summary>
    private sealed class Manager : IDisposable
    {
        private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        private readonly Lock _lock = new();
        private readonly List<string> _messages = [];

        public Manager(string path)
        {
            _socket.Bind(new UnixDomainSocketEndPoint(path));
            new Thread(Listen) { IsBackground = true }.Start();
        }

        public IReadOnlyList<string> Messages
        {
            get
            {
                lock (_lock)
                {
                    return [.. _messages];
                }
            }
        }

        public void Dispose() => _socket.Dispose();

        private void Listen()
        {
            byte[] buffer = new byte[4096];
            try
            {
                while (true)
                {
                    int length = _socket.Receive(buffer);
                    lock (_lock)
                    {
                        _messages.Add(Encoding.UTF8.GetString(buffer, 0, length));
                    }
                }
            }
            catch (Exception end) when (end is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }
    }
}
