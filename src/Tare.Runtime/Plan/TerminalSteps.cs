using Tare.Linux.Interop;
using Tare.Oci.Runtime;

namespace Tare.Runtime.Plan;

/// <summary>A pseudo-terminal of the container's own devpts: the slave becomes the process's terminal, the master goes to the parent over a socket.</summary>
internal sealed unsafe class TerminalSteps(PlanBuilder child, ProcessSpec process)
{
    // asm-generic/ioctls.h
    private const int SetLock = 0x40045431;
    private const int GetPeer = 0x5441;
    private const int SetWindowSize = 0x5414;
    private const int SetControllingTerminal = 0x540E;
    private const int GetAttributes = 0x5401;
    private const int SetAttributes = 0x5402;

    // struct termios, 36 bytes, and ONLCR (asm-generic/termbits.h)
    private const int AttributesSize = 36;
    private const int OutputFlags = 4;
    private const uint AddCarriageReturn = 4;

    /// <summary>Adds the steps.</summary>
    /// <param name="root">The container's root.</param>
    /// <param name="socket">The child's end of the socket to the parent.</param>
    /// <param name="plainLineFeeds">Whether the terminal passes line feeds on without a carriage return.</param>
    public void Make(Slot root, int socket, bool plainLineFeeds = false)
    {
        Slot master = child.NewSlot("terminal master");
        child.OpenInRoot(root, "/dev/pts/ptmx", Libc.O_RDWR | Libc.O_NOCTTY, master);
        child.Call("ioctl", Syscalls.Ioctl, "unlock the terminal", master, SetLock, (nint)child.Memory.Allocate(sizeof(int)));
        Slot slave = child.NewSlot("terminal");
        child.Call("ioctl", Syscalls.Ioctl, "open the terminal", master, GetPeer, Libc.O_RDWR | Libc.O_NOCTTY | Libc.O_CLOEXEC).Into(slave);
        if (process.ConsoleSize is { Height: > 0, Width: > 0 } size)
        {
            ushort* window = (ushort*)child.Memory.Allocate(4 * sizeof(ushort));
            window[0] = (ushort)size.Height;
            window[1] = (ushort)size.Width;
            child.Call("ioctl", Syscalls.Ioctl, $"{size.Height} rows, {size.Width} columns", master, SetWindowSize, (nint)window);
        }

        if (process.User.Uid != 0)
        {
            child.Call("fchown", Syscalls.Fchown, $"the terminal to user {process.User.Uid}", slave, process.User.Uid, uint.MaxValue).Tolerant();
        }

        if (plainLineFeeds)
        {
            byte* attributes = child.Memory.Allocate(AttributesSize);
            Slot flags = child.NewSlot("output flags");
            child.Call("ioctl", Syscalls.Ioctl, "attributes of the terminal", slave, GetAttributes, (nint)attributes);
            child.Add(StepKind.LoadSlot, "load", "output flags without ONLCR", (nint)(attributes + OutputFlags), unchecked((nint)~AddCarriageReturn)).Into(flags);
            child.Add(StepKind.StoreSlot, "store", "output flags", (nint)(attributes + OutputFlags), flags.Number);
            child.Call("ioctl", Syscalls.Ioctl, "line feeds without carriage return", slave, SetAttributes, (nint)attributes);
        }

        child.SendToParent(master, socket, "terminal master");
        BindConsole(root, slave);
        for (int i = 0; i < 3; i++)
        {
            child.Call("dup3", Syscalls.Dup3, $"the terminal to descriptor {i}", slave, i, 0);
        }

        child.Call("ioctl", Syscalls.Ioctl, "controlling terminal", 0, SetControllingTerminal, 0);
    }

    // /dev/console exists only in a container that was made with a terminal; a process that joins leaves it alone.
    private void BindConsole(Slot root, Slot slave)
    {
        Slot console = child.NewSlot("/dev/console");
        // A link of the image would let the terminal cover another file before that is masked (CVE-2025-52565).
        child.OpenInRoot(root, "/dev/console", Libc.O_PATH, console, Linux.Mounts.MountApi.ResolveNoSymbolicLinks).Tolerant();
        child.When(console, StepCondition.Succeeded, () =>
        {
            Slot copy = child.NewSlot("copy of the terminal");
            child.Call("open_tree", Syscalls.OpenTree, "the terminal", slave, child.Memory.String(""), 1 | Libc.O_CLOEXEC | Libc.AT_EMPTY_PATH).Into(copy).Tolerant();
            child.When(copy, StepCondition.Succeeded, () => child.Attach(copy, console));
        });
    }
}
