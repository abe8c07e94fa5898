using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Tare.Linux.Interop;

namespace Tare.Linux.Processes;

/// <summary>
/// Starts programs by posix_spawn(3), which shares the memory of the caller until execve (vfork): its cost does not grow with this process's heap.
/// </summary>
public static unsafe class ProcessLauncher
{
    private const int SigsetSize = 128;

    // Descriptors are moved above this number first, so that placing one never overwrites another that is still to be placed.
    private const int ScratchDescriptor = 64;

    /// <summary>Starts a program.</summary>
    /// <exception cref="LinuxException">It could not be started: ENOENT, EACCES, ENOMEM…</exception>
    public static SpawnedProcess Spawn(SpawnRequest request)
    {
        using NativeStrings arguments = new(request.Arguments);
        using NativeStrings environment = new(request.Environment ?? CurrentEnvironment());
        using NativeStrings path = new([request.Path, request.Directory ?? ""]);
        byte* actions = stackalloc byte[Libc.SpawnFileActionsSize];
        byte* attributes = stackalloc byte[Libc.SpawnAttributesSize];
        Check(Libc.posix_spawn_file_actions_init(actions), "posix_spawn_file_actions_init", request.Path);
        Check(Libc.posix_spawnattr_init(attributes), "posix_spawnattr_init", request.Path);
        List<int> moved = [];
        try
        {
            MapDescriptors(request.Descriptors, actions, moved);
            if (request.Directory is not null)
            {
                Check(Libc.posix_spawn_file_actions_addchdir_np(actions, path.Pointers[1]), "posix_spawn_file_actions_addchdir_np", request.Directory);
            }

            SetAttributes(attributes, request.NewSession, request.BlockSignals);
            int pid;
            Check(Libc.posix_spawn(&pid, path.Pointers[0], actions, attributes, arguments.Pointers, environment.Pointers), "posix_spawn", request.Path);
            // The child cannot be reaped by anyone else before this, so its pid is still its own.
            return new SpawnedProcess(pid, SafePidFd.Open(pid));
        }
        finally
        {
            moved.ForEach(fd => Libc.close(fd));
            _ = Libc.posix_spawn_file_actions_destroy(actions);
            _ = Libc.posix_spawnattr_destroy(attributes);
        }
    }

    private static void MapDescriptors(IReadOnlyList<SafeFileHandle?> descriptors, byte* actions, List<int> moved)
    {
        for (int target = 0; target < descriptors.Count; target++)
        {
            if (descriptors[target] is not { } handle)
            {
                continue;
            }

            int copy = Libc.fcntl((int)handle.DangerousGetHandle(), Libc.F_DUPFD_CLOEXEC, ScratchDescriptor);
            GC.KeepAlive(handle);
            if (copy < 0)
            {
                throw LinuxException.Last("fcntl");
            }

            moved.Add(copy);
            Check(Libc.posix_spawn_file_actions_adddup2(actions, copy, target), "posix_spawn_file_actions_adddup2", null);
        }
    }

    private static void SetAttributes(byte* attributes, bool newSession, bool blockSignals)
    {
        byte* none = stackalloc byte[SigsetSize];
        byte* all = stackalloc byte[SigsetSize];
        new Span<byte>(none, SigsetSize).Clear();
        new Span<byte>(all, SigsetSize).Fill(0xFF);
        short flags = Libc.POSIX_SPAWN_SETSIGMASK | Libc.POSIX_SPAWN_SETSIGDEF;
        Check(Libc.posix_spawnattr_setsigmask(attributes, blockSignals ? all : none), "posix_spawnattr_setsigmask", null);
        Check(Libc.posix_spawnattr_setsigdefault(attributes, all), "posix_spawnattr_setsigdefault", null);
        Check(Libc.posix_spawnattr_setflags(attributes, newSession ? (short)(flags | Libc.POSIX_SPAWN_SETSID) : flags), "posix_spawnattr_setflags", null);
    }

    private static List<string> CurrentEnvironment()
    {
        List<string> variables = [];
        foreach (System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            variables.Add($"{variable.Key}={variable.Value}");
        }

        return variables;
    }

    private static void Check(int error, string call, string? path)
    {
        if (error != 0)
        {
            throw new LinuxException((Errno)error, call, path);
        }
    }

    /// <summary>A null-terminated array of null-terminated UTF-8 strings.</summary>
    private readonly ref struct NativeStrings
    {
        private readonly int _count;

        public NativeStrings(IReadOnlyList<string> strings)
        {
            _count = strings.Count;
            Pointers = (byte**)NativeMemory.AllocZeroed((nuint)(_count + 1), (nuint)sizeof(byte*));
            for (int i = 0; i < _count; i++)
            {
                Pointers[i] = (byte*)Marshal.StringToCoTaskMemUTF8(strings[i]);
            }
        }

        public byte** Pointers { get; }

        public void Dispose()
        {
            for (int i = 0; i < _count; i++)
            {
                Marshal.FreeCoTaskMem((nint)Pointers[i]);
            }

            NativeMemory.Free(Pointers);
        }
    }
}
