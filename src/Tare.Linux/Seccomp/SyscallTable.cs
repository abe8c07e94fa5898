using System.Runtime.InteropServices;

namespace Tare.Linux.Seccomp;

/// <summary>Names and numbers of system calls, as the kernel's headers define them.</summary>
public static partial class SyscallTable
{
    /// <summary>Number of architectures in the table.</summary>
    internal const int Columns = 5;

    /// <summary>Bit that marks an x32 call among those of x86-64 (__X32_SYSCALL_BIT).</summary>
    public const uint X32Bit = 0x40000000;

    /// <summary>The architecture of this process.</summary>
    /// <exception cref="PlatformNotSupportedException">Neither x86-64 nor 64-bit ARM.</exception>
    public static SeccompArchitecture Native => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => SeccompArchitecture.X8664,
        Architecture.Arm64 => SeccompArchitecture.Aarch64,
        var other => throw new PlatformNotSupportedException($"no system call table for {other}"),
    };

    /// <summary>The number of a call, or -1 when the architecture has none of that name. x32 numbers come without <see cref="X32Bit"/>.</summary>
    public static int NumberOf(string name, SeccompArchitecture architecture)
    {
        int row = Row(name);
        return row < 0 ? -1 : Numbers[(row * Columns) + (int)architecture];
    }

    /// <summary>
    /// The call that carries the named one as an operation in its first argument on 32-bit x86: <c>socketcall</c> for the socket calls,
    /// <c>ipc</c> for those of System V (linux/net.h, linux/ipc.h). Operation 0 when there is none.
    /// </summary>
    internal static (string? Carrier, uint Operation) MultiplexerOf(string name) => name switch
    {
        "socket" => ("socketcall", 1),
        "bind" => ("socketcall", 2),
        "connect" => ("socketcall", 3),
        "listen" => ("socketcall", 4),
        "accept" => ("socketcall", 5),
        "getsockname" => ("socketcall", 6),
        "getpeername" => ("socketcall", 7),
        "socketpair" => ("socketcall", 8),
        "send" => ("socketcall", 9),
        "recv" => ("socketcall", 10),
        "sendto" => ("socketcall", 11),
        "recvfrom" => ("socketcall", 12),
        "shutdown" => ("socketcall", 13),
        "setsockopt" => ("socketcall", 14),
        "getsockopt" => ("socketcall", 15),
        "sendmsg" => ("socketcall", 16),
        "recvmsg" => ("socketcall", 17),
        "accept4" => ("socketcall", 18),
        "recvmmsg" => ("socketcall", 19),
        "sendmmsg" => ("socketcall", 20),
        "semop" => ("ipc", 1),
        "semget" => ("ipc", 2),
        "semctl" => ("ipc", 3),
        "semtimedop" => ("ipc", 4),
        "msgsnd" => ("ipc", 11),
        "msgrcv" => ("ipc", 12),
        "msgget" => ("ipc", 13),
        "msgctl" => ("ipc", 14),
        "shmat" => ("ipc", 21),
        "shmdt" => ("ipc", 22),
        "shmget" => ("ipc", 23),
        "shmctl" => ("ipc", 24),
        _ => (null, 0),
    };
}
