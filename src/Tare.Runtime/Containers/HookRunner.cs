using Microsoft.Win32.SafeHandles;
using Tare.Linux;
using Tare.Linux.Files;
using Tare.Linux.Interop;
using Tare.Linux.Processes;
using Tare.Oci.Runtime;

namespace Tare.Runtime.Containers;

/// <summary>Runs hooks in the runtime's namespaces (config.md, POSIX-platform hooks): the state on standard input, nothing but the given environment.</summary>
internal static unsafe class HookRunner
{
    /// <summary>Runs hooks in their order.</summary>
    /// <exception cref="RuntimeException">A hook could not be run, failed, or took too long; the rest were not run.</exception>
    public static void Run(IReadOnlyList<Hook>? hooks, ContainerState state, string kind)
    {
        if (hooks is not { Count: > 0 })
        {
            return;
        }

        byte[] document = RuntimeDocument.Write(state);
        foreach (Hook hook in hooks)
        {
            // The hooks of a creation run in the bundle, as with runc and crun; later it may be gone.
            RunOne(hook, document, kind, kind is "prestart" or "createRuntime" ? state.Bundle : null);
        }
    }

    private static void RunOne(Hook hook, byte[] document, string kind, string? directory)
    {
        // A pipe holds the state whole (64 KiB), so that a hook that does not read it blocks nobody.
        using DescriptorPair input = DescriptorPair.Pipe();
        SpawnedProcess process;
        try
        {
            process = ProcessLauncher.Spawn(new SpawnRequest
            {
                Path = hook.Path,
                Arguments = hook.Args is { Count: > 0 } arguments ? arguments : [hook.Path],
                Environment = hook.Env ?? [],
                Directory = directory,
                Descriptors = [input.First, null, null],
            });
        }
        catch (LinuxException failure)
        {
            throw new RuntimeException(ErrorKind.Step, $"{kind} hook \"{hook.Path}\": {failure.Message}", failure.Errno, failure);
        }

        using (process)
        {
            input.First.Dispose();
            Feed(input.Second, document);
            input.Second.Dispose();
            Await(process, hook, kind);
        }
    }

    private static void Feed(SafeFileHandle pipe, byte[] document)
    {
        fixed (byte* bytes = document)
        {
            int sent = 0;
            while (sent < document.Length)
            {
                nint written = Libc.write((int)pipe.DangerousGetHandle(), bytes + sent, (nuint)(document.Length - sent));
                if (written < 0)
                {
                    return; // EPIPE: the hook does not want it
                }

                sent += (int)written;
            }
        }
    }

    private static void Await(SpawnedProcess process, Hook hook, string kind)
    {
        Libc.pollfd ended = new() { fd = process.PidFd.Descriptor, events = Libc.POLLIN };
        int limit = hook.Timeout is > 0 and { } seconds ? checked(seconds * 1000) : -1;
        int ready;
        do
        {
            ready = Libc.poll(&ended, 1, limit);
        }
        while (ready < 0);

        if (ready == 0)
        {
            process.PidFd.TrySendSignal(Libc.SIGKILL);
            ChildReaper.Wait(process.PidFd);
            throw new RuntimeException(ErrorKind.Step, $"{kind} hook \"{hook.Path}\": it did not end within {hook.Timeout} s");
        }

        ExitStatus status = ChildReaper.Wait(process.PidFd);
        if (status.ShellStatus != 0)
        {
            throw new RuntimeException(ErrorKind.Step, status.Signal == 0
                ? $"{kind} hook \"{hook.Path}\": exit status {status.Code}"
                : $"{kind} hook \"{hook.Path}\": killed by signal {status.Signal}");
        }
    }
}
