using Tare.Linux.Interop;

namespace Tare.Runtime.Plan;

/// <summary>The loopback interface of a new network namespace, which the kernel makes down. runc and crun bring it up, and callers count on it.</summary>
internal static unsafe class NetworkSteps
{
    // linux/sockios.h, net/if.h; struct ifreq is a name of 16 bytes and a union of 24.
    private const int SetInterfaceFlags = 0x8914;
    private const short Up = 1;
    private const int InterfaceRequestSize = 40;
    private const int NameSize = 16;

    /// <summary>Adds the steps, where the container makes a network namespace.</summary>
    public static void BringLoopbackUp(PlanBuilder child, NamespacePlan namespaces)
    {
        if (!namespaces.MakesNetworkNamespace)
        {
            return;
        }

        byte* request = child.Memory.Allocate(InterfaceRequestSize);
        "lo"u8.CopyTo(new Span<byte>(request, NameSize));
        *(short*)(request + NameSize) = Up;
        Slot socket = child.NewSlot("socket of the interfaces");
        // A kernel without IPv4 has no such socket, and nothing to bring up.
        child.Call("socket", Syscalls.Socket, "of the interfaces", Libc.AF_INET, Libc.SOCK_DGRAM | Libc.SOCK_CLOEXEC, 0).Into(socket).Tolerant();
        child.Call("ioctl", Syscalls.Ioctl, "interface \"lo\"", socket, SetInterfaceFlags, (nint)request).Detail("up").When(socket, StepCondition.Succeeded);
        child.Call("close", Syscalls.Close, socket.Name, socket).When(socket, StepCondition.Succeeded);
    }
}
