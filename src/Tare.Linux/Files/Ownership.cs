using Tare.Linux.Interop;

namespace Tare.Linux.Files;

/// <summary>Who owns files and descriptors.</summary>
public static class Ownership
{
    /// <summary>Gives a file to a group; its owner stays.</summary>
    /// <exception cref="LinuxException">The path is missing, or this process may not do that.</exception>
    /// <param name="path">The file; a symbolic link is followed.</param>
    /// <param name="group">Number of the group.</param>
    public static void SetGroup(string path, uint group)
    {
        if (Libc.chown(path, uint.MaxValue, group) != 0)
        {
            throw LinuxException.Last("chown", path);
        }
    }

    /// <summary>Gives a file to a user and a group.</summary>
    /// <exception cref="LinuxException">The path is missing, or this process may not do that.</exception>
    /// <param name="path">The file; a symbolic link is not followed but given away itself.</param>
    /// <param name="user">Number of the user.</param>
    /// <param name="group">Number of the group.</param>
    public static void SetOfLink(string path, uint user, uint group)
    {
        if (Libc.lchown(path, user, group) != 0)
        {
            throw LinuxException.Last("lchown", path);
        }
    }

    /// <summary>Keeps an inherited descriptor from programs that this process starts.</summary>
    /// <exception cref="LinuxException">EBADF: it is not open.</exception>
    /// <param name="descriptor">Its number.</param>
    public static void CloseOnExec(int descriptor)
    {
        if (Libc.fcntl(descriptor, Libc.F_SETFD, Libc.FD_CLOEXEC) != 0)
        {
            throw LinuxException.Last("fcntl");
        }
    }
}
