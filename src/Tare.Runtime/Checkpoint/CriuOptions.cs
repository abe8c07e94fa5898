namespace Tare.Runtime.Checkpoint;

/// <summary>
/// Options of a dump or a restore (criu, images/rpc.proto, criu_opts: the numbers are the fields'). Descriptors of folders are numbers of this process,
/// which criu opens through /proc; those to inherit are numbers of criu's.
/// </summary>
internal sealed class CriuOptions
{
    private readonly ProtobufWriter _message = new();

    /// <summary>Starts with what a dump and a restore have in common.</summary>
    /// <param name="images">The folder of the images.</param>
    /// <param name="work">The folder for the log; -1 puts it beside the images.</param>
    /// <param name="log">Name of the log file.</param>
    /// <param name="root">The container's root file system outside.</param>
    public CriuOptions(int images, int work, string log, string root)
    {
        const int DebugLevel = 4;
        _message.Number(1, images).Number(9, DebugLevel).Text(10, log).Flag(12, true).Text(13, root);
        if (work >= 0)
        {
            _message.Number(17, work);
        }

        // A terminal whose master lies outside comes back as a notification with the new master.
        _message.Flag(50, true);
    }

    /// <summary>The process to dump.</summary>
    public void Process(int pid, bool leaveRunning) => _message.Number(2, pid).Flag(3, leaveRunning);

    /// <summary>Sockets, locks and sessions whose other side is not in the images.</summary>
    public void Outside(bool externalUnixSockets, bool establishedTcp, bool shellJob, bool fileLocks)
        => _message.Flag(4, externalUnixSockets).Flag(5, establishedTcp).Flag(7, shellJob).Flag(8, fileLocks);

    /// <summary>Leaves connections out that are being set up.</summary>
    public void SkipTcpInFlight(bool skip) => _message.Flag(46, skip);

    /// <summary>Links files back that processes hold open and nobody can find by name.</summary>
    public void LinkRemap(bool remap) => _message.Flag(18, remap);

    /// <summary>Opens devices by name where number and node differ.</summary>
    public void EvasiveDevices() => _message.Flag(6, true);

    /// <summary>Sends the memory's pages elsewhere.</summary>
    public void PageServer(string address, int port) => _message.Message(11, new ProtobufWriter().Text(1, address).Number(2, port));

    /// <summary>Continues earlier images.</summary>
    /// <param name="path">Their folder, from the folder of the images on.</param>
    public void Parent(string path) => _message.Text(14, path).Flag(15, true);

    /// <summary>Punches pages that a later image holds out of the earlier ones.</summary>
    public void AutoDedup(bool dedup) => _message.Flag(16, dedup);

    /// <summary>Restores pages when they are touched (userfaultfd(2)).</summary>
    public void LazyPages(bool lazy) => _message.Flag(48, lazy);

    /// <summary>Where criu before 3.15 writes a zero byte once pages can be fetched.</summary>
    public void StatusDescriptor(int descriptor) => _message.Number(49, descriptor);

    /// <summary>A mount that is not in the images.</summary>
    /// <param name="key">For a dump the mount point inside, for a restore the name that the dump gave it.</param>
    /// <param name="value">For a dump the name, for a restore the source outside.</param>
    public void ExternalMount(string key, string value) => _message.Message(23, new ProtobufWriter().Text(1, key).Text(2, value));

    /// <summary>What is done about cgroups.</summary>
    public void Cgroups(CgroupRestoreMode mode) => _message.Flag(24, true).Number(34, (int)mode);

    /// <summary>Puts the restored processes below another group than the dumped ones.</summary>
    public void CgroupRoot(string controller, string path) => _message.Message(25, new ProtobufWriter().Text(1, controller).Text(2, path));

    /// <summary>The group whose freezer holds the processes still.</summary>
    public void FreezeCgroup(string path) => _message.Text(44, path);

    /// <summary>Makes the restored first process a child of this process, not of criu.</summary>
    public void Sibling() => _message.Flag(26, true);

    /// <summary>A descriptor of criu's that stands for something dumped as external.</summary>
    public void Inherit(string key, int descriptor) => _message.Message(27, new ProtobufWriter().Text(1, key).Number(2, descriptor));

    /// <summary>Something outside that the images only name.</summary>
    public void External(string name) => _message.Text(37, name);

    /// <summary>Namespaces (CLONE_NEW… flags) that are restored empty.</summary>
    public void EmptyNamespaces(uint flags) => _message.Number(38, flags);

    /// <summary>A namespace that exists.</summary>
    public void JoinNamespace(string kind, string path) => _message.Message(39, new ProtobufWriter().Text(1, kind).Text(2, path));

    /// <summary>A file with further options of criu's, which win over these.</summary>
    public void ConfigurationFile(string path) => _message.Text(51, path);

    /// <summary>Another profile of the security module than the dumped one, and the context of mounts.</summary>
    public void SecurityLabels(string? profile, string? mountContext) => _message.Text(53, profile).Text(64, mountContext);

    /// <summary>The request.</summary>
    public ProtobufWriter ToRequest(CriuRequestKind kind) => new ProtobufWriter().Number(1, (int)kind).Message(2, _message);
}
