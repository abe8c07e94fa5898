using Microsoft.Win32.SafeHandles;
using Tare.Linux;
using Tare.Linux.Files;
using Tare.Linux.Interop;
using Tare.Linux.Processes;
using Tare.Oci.Runtime;

namespace Tare.Runtime.Containers;

/// <summary>
/// Runs hooks in the runtime's namespaces (config.md, POSIX-platform hooks): the state on standard input, the given environment or, without one, this process's. What they
/// print is part of the error of a hook that fails, and else is dropped (as runc): standard output is the container's.
/// </summary>
internal static unsafe class HookRunner
{
    /// <summary>Runs hooks in their order.</summary>
    /// <exception cref="RuntimeException">A hook could not be run, failed, or took too long; the rest were not run.</exception>
    /// <param name="hooks">The hooks.</param>
    /// <param name="state">What they read.</param>
    /// <param name="kind">Their kind, as in config.json.</param>
    /// <param name="first">The place of the first of them among those of their kind, for messages.</param>
    public static void Run(IReadOnlyList<Hook>? hooks, ContainerState state, string kind, int first = 0)
    {
        if (hooks is not { Count: > 0 })
        {
            return;
        }

        byte[] document = RuntimeDocument.Write(state);
        for (int i = 0; i < hooks.Count; i++)
        {
            // The hooks of a creation run in the bundle, as with runc and crun; later it may be gone.
            RunOne(hooks[i], document, $"error running {kind} hook #{first + i}: \"{hooks[i].Path}\"", kind is "prestart" or "createRuntime" ? state.Bundle : null);
        }
    }

    private static void RunOne(Hook hook, byte[] document, string failed, string? directory)
    {
        // A pipe holds the state whole (64 KiB), so that a hook that does not read it blocks nobody.
        using DescriptorPair input = DescriptorPair.Pipe();
        using SafeFileHandle output = HookFiles.Make();
        SpawnedProcess process;
        try
        {
            process = ProcessLauncher.Spawn(new SpawnRequest
            {
                Path = hook.Path,
                Arguments = hook.Args is { Count: > 0 } arguments ? arguments : [hook.Path],
                Environment = hook.Env,
                Directory = directory,
                Descriptors = [input.First, output, output],
            });
        }
        catch (LinuxException failure)
        {
            throw new RuntimeException(ErrorKind.Step, $"{failed}: {failure.Message}", failure.Errno, failure);
        }

        using (process)
        {
            input.First.Dispose();
            Feed(input.Second, document);
            input.Second.Dispose();
            Await(process, hook, failed, output);
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

    private static void Await(SpawnedProcess process, Hook hook, string failed, SafeFileHandle output)
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
            throw new RuntimeException(ErrorKind.Step, $"{failed}: it did not end within {hook.Timeout} s{HookFiles.Printed(output)}");
        }

        ExitStatus status = ChildReaper.Wait(process.PidFd);
        if (status.ShellStatus != 0)
        {
            throw new RuntimeException(ErrorKind.Step,
                $"{failed}: {(status.Signal == 0 ? $"exit status {status.Code}" : $"killed by signal {status.Signal}")}{HookFiles.Printed(output)}");
        }
    }
}
