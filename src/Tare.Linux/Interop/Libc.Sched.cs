namespace Tare.Linux.Interop;

// sched.h
public static unsafe partial class Libc
{
    /// <summary>File system attributes: root, working directory, mask.</summary>
    public const int CLONE_FS = 0x200;

    /// <summary>A mount namespace.</summary>
    public const int CLONE_NEWNS = 0x20000;
}
