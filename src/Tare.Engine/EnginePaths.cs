namespace Tare.Engine;

/// <summary>
/// Where everything lies.
/// <code>
/// data root                                   exec root
///   content/            blobs                   shims/ID/       bundle, shim.sock, shim.log
///   layers/HEX/diff     unpacked layers         runtime/ID/     the runtime's state
///   containers/ID/      upper work rootfs, log, exit.json, hosts hostname resolv.conf
///   containers/.trash/  removed, being deleted
///   volumes/NAME/_data
///   marks/              a layer above every image's: /.dockerenv
///   tare.db
/// </code>
/// </summary>
/// <param name="dataRoot">The data root, absolute.</param>
/// <param name="execRoot">The exec root, absolute.</param>
internal sealed class EnginePaths(string dataRoot, string execRoot)
{
    public string DataRoot { get; } = dataRoot;

    public string Database { get; } = dataRoot + "/tare.db";

    public string LockFile { get; } = dataRoot + "/engine.lock";

    public string Content { get; } = dataRoot + "/content";

    public string Layers { get; } = dataRoot + "/layers";

    public string Containers { get; } = dataRoot + "/containers";

    public string Trash { get; } = dataRoot + "/containers/.trash";

    /// <summary>
    /// A layer that lies above every image's and holds <c>/.dockerenv</c>, by which programs know that they run in a container. A layer of its own,
    /// so that the file is no change that the container made.
    /// </summary>
    public string MarksLayer { get; } = dataRoot + "/marks";

    public string Volumes { get; } = dataRoot + "/volumes";

    public string Shims { get; } = execRoot + "/shims";

    /// <summary>Sockets of servers for layers whose containers do not run.</summary>
    public string Views { get; } = execRoot + "/views";

    /// <summary>The runtime's state root.</summary>
    public string Runtime { get; } = execRoot + "/runtime";

    /// <summary>Where the roots of containers in user namespaces are put, each in its own mount namespace: their processes must be able to walk there, and need not reach the layers.</summary>
    public string RemappedRoot { get; } = execRoot + "/root";

    public string Container(string id) => $"{Containers}/{id}";

    public string Shim(string id) => $"{Shims}/{id}";

    public string ShimSocket(string id) => $"{Shims}/{id}/shim.sock";

    /// <summary>Socket of the server that keeps a running container's writable layer to its size.</summary>
    public string LayerSocket(string id) => $"{Shims}/{id}/layer.sock";

    public string ExitFile(string id) => $"{Containers}/{id}/exit.json";

    /// <summary>Folder of an unpacked layer.</summary>
    /// <param name="chainId">The chain id, with or without <c>sha256:</c>.</param>
    public string Layer(string chainId) => $"{Layers}/{chainId[(chainId.IndexOf(':', StringComparison.Ordinal) + 1)..]}/diff";

    public string Volume(string name) => $"{Volumes}/{name}/_data";

    /// <summary>Makes the folders.</summary>
    public void Create()
    {
        foreach (string folder in (ReadOnlySpan<string>)[DataRoot, Content, Layers, Containers, Trash, MarksLayer, Volumes, Shims, Views, Runtime, RemappedRoot])
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        }

        // What containers write belongs to the ids that they see, root's with its set-user-id bits too: no user of the machine may walk there.
        File.SetUnixFileMode(Layers, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.SetUnixFileMode(Containers, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        string mark = MarksLayer + "/.dockerenv";
        if (!File.Exists(mark))
        {
            File.WriteAllBytes(mark, []);
            File.SetUnixFileMode(mark, (UnixFileMode)0x1ED); // 0755, as dockerd's
        }
    }
}
