using Tare.Linux;

namespace Tare.Runtime.Containers;

/// <summary>The errors of a command that cannot be executed, in the words that scripts look for.</summary>
internal static class CommandErrors
{
    /// <summary>The error of a look-up or an execve.</summary>
    /// <param name="command">The first argument.</param>
    /// <param name="errno">The kernel's answer.</param>
    /// <param name="found">Whether the command was found, and execve refused it: where no such file is there, that is the interpreter which a script or a program names.</param>
    public static RuntimeException Describe(string command, Errno errno, bool found = false)
    {
        if (found)
        {
            return new RuntimeException(errno is Errno.ENOENT or Errno.ENOTDIR ? ErrorKind.ExecNotFound : ErrorKind.ExecDenied, $"exec {command}: {errno.Describe()}", errno);
        }

        bool path = command.Contains('/', StringComparison.Ordinal);
        return errno switch
        {
            Errno.ENOENT or Errno.ENOTDIR when path => new RuntimeException(ErrorKind.ExecNotFound, $"exec: \"{command}\": stat {command}: {errno.Describe()}", errno),
            _ when command.Length == 0 => new RuntimeException(ErrorKind.ExecNotFound, "exec: \"\": executable file not found in $PATH", errno),
            Errno.EISDIR => new RuntimeException(ErrorKind.ExecDenied, $"exec: \"{command}\": {errno.Describe()}", errno),
            Errno.EACCES or Errno.EPERM => new RuntimeException(ErrorKind.ExecDenied, $"exec: \"{command}\": permission denied", errno),
            Errno.ENOENT or Errno.ENOTDIR => new RuntimeException(ErrorKind.ExecNotFound, $"exec: \"{command}\": executable file not found in $PATH", errno),
            _ => new RuntimeException(ErrorKind.ExecDenied, $"exec {command}: {errno.Describe()}", errno),
        };
    }
}
