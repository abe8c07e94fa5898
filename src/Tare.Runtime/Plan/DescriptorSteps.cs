using System.Runtime.InteropServices;
using Tare.Linux.Interop;

namespace Tare.Runtime.Plan;

/// <summary>Descriptors that the child gives to the parent.</summary>
internal static unsafe class DescriptorSteps
{
    /// <summary>Sends a descriptor over a unix socket: a message of one byte with SCM_RIGHTS (unix(7)).</summary>
    /// <param name="child">The child's steps.</param>
    /// <param name="descriptor">The descriptor; its number is stored by the child.</param>
    /// <param name="socket">The child's end of the socket to the parent.</param>
    /// <param name="subject">What it is.</param>
    public static void SendToParent(this PlanBuilder child, Slot descriptor, int socket, string subject)
    {
        byte* data = child.Memory.Allocate(8);
        nint* vector = (nint*)child.Memory.Allocate(2 * sizeof(nint));
        vector[0] = (nint)data;
        vector[1] = 1;
        byte* control = child.Memory.Allocate(24);
        *(nuint*)control = 20; // cmsg_len: header of 16 bytes and one int
        *(int*)(control + 8) = 1; // SOL_SOCKET
        *(int*)(control + 12) = 1; // SCM_RIGHTS
        MessageHeader header = new(0, 0, (nint)vector, 1, (nint)control, 24, 0);
        child.Add(StepKind.StoreSlot, "store", $"number of the {subject}", (nint)(control + 16), descriptor.Number);
        child.Call("sendmsg", Syscalls.Sendmsg, subject, socket, child.Memory.Copy(header), 0);
    }

    /// <summary>struct msghdr of 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct MessageHeader(nint Name, nint NameLength, nint Vector, nint VectorLength, nint Control, nint ControlLength, long Flags);
}
