using System.Runtime.InteropServices;

namespace Tare.Linux.Interop;

// spawn.h. The opaque structs of glibc are smaller than the buffers that callers give here (80 and 336 bytes).
public static unsafe partial class Libc
{
    /// <summary>Enough for posix_spawn_file_actions_t.</summary>
    public const int SpawnFileActionsSize = 128;

    /// <summary>Enough for posix_spawnattr_t.</summary>
    public const int SpawnAttributesSize = 512;

    /// <summary>posix_spawnattr_setflags: set the signal mask.</summary>
    public const short POSIX_SPAWN_SETSIGMASK = 0x08;

    /// <summary>posix_spawnattr_setflags: reset signal dispositions.</summary>
    public const short POSIX_SPAWN_SETSIGDEF = 0x04;

    /// <summary>posix_spawnattr_setflags: a new session (glibc 2.26).</summary>
    public const short POSIX_SPAWN_SETSID = 0x80;

    /// <summary>execv(3): with this process's environment. Returns only on failure, -1 with errno.</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int execv(byte* path, byte** argv);

    /// <summary>posix_spawn(3): returns the error number itself.</summary>
    [LibraryImport(Library)]
    public static partial int posix_spawn(int* pid, byte* path, void* fileActions, void* attributes, byte** argv, byte** envp);

    /// <summary>posix_spawn_file_actions_init(3).</summary>
    [LibraryImport(Library)]
    public static partial int posix_spawn_file_actions_init(void* actions);

    /// <summary>posix_spawn_file_actions_destroy(3).</summary>
    [LibraryImport(Library)]
    public static partial int posix_spawn_file_actions_destroy(void* actions);

    /// <summary>posix_spawn_file_actions_adddup2(3).</summary>
    [LibraryImport(Library)]
    public static partial int posix_spawn_file_actions_adddup2(void* actions, int fd, int newFd);

    /// <summary>posix_spawn_file_actions_addchdir_np(3), glibc 2.29.</summary>
    [LibraryImport(Library)]
    public static partial int posix_spawn_file_actions_addchdir_np(void* actions, byte* path);

    /// <summary>posix_spawnattr_init(3).</summary>
    [LibraryImport(Library)]
    public static partial int posix_spawnattr_init(void* attributes);

    /// <summary>posix_spawnattr_destroy(3).</summary>
    [LibraryImport(Library)]
    public static partial int posix_spawnattr_destroy(void* attributes);

    /// <summary>posix_spawnattr_setflags(3).</summary>
    [LibraryImport(Library)]
    public static partial int posix_spawnattr_setflags(void* attributes, short flags);

    /// <summary>posix_spawnattr_setsigmask(3), a set of 128 bytes.</summary>
    [LibraryImport(Library)]
    public static partial int posix_spawnattr_setsigmask(void* attributes, byte* set);

    /// <summary>posix_spawnattr_setsigdefault(3), a set of 128 bytes.</summary>
    [LibraryImport(Library)]
    public static partial int posix_spawnattr_setsigdefault(void* attributes, byte* set);
}
