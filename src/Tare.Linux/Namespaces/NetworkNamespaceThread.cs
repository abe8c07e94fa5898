using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Microsoft.Win32.SafeHandles;
using Tare.Linux.Interop;

namespace Tare.Linux.Namespaces;

/// <summary>
/// Runs short pieces of work inside other network namespaces, one after another, on a thread of its own, so that no thread of the pool can
/// ever be left in a foreign namespace. The thread is made at the first use and stays. Safe for several threads.
/// </summary>
public sealed class NetworkNamespaceThread : IDisposable
{
    private readonly BlockingCollection<Job> _jobs = [];
    private readonly Lazy<Thread> _thread;

    /// <summary>Prepares the thread; none is made yet.</summary>
    public NetworkNamespaceThread() => _thread = new Lazy<Thread>(Begin);

    /// <summary>Runs work inside a network namespace and waits for its end. What the work throws is thrown here.</summary>
    /// <param name="networkNamespace">The namespace (/proc/PID/ns/net). Owned by the caller.</param>
    /// <param name="work">The work. It must not wait for anything.</param>
    /// <exception cref="LinuxException">EPERM: no CAP_SYS_ADMIN over the namespace.</exception>
    public void Run(SafeFileHandle networkNamespace, Action work)
    {
        _ = _thread.Value;
        using Job job = new(networkNamespace, work);
        _jobs.Add(job);
        job.Done.Wait();
        job.Failure?.Throw();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _jobs.CompleteAdding();
        if (_thread.IsValueCreated)
        {
            _thread.Value.Join();
        }

        _jobs.Dispose();
    }

    private Thread Begin()
    {
        Thread thread = new(Loop, 256 * 1024) { IsBackground = true, Name = "tare-netns" };
        thread.Start();
        return thread;
    }

    private void Loop()
    {
        using SafeFileHandle home = File.OpenHandle("/proc/thread-self/ns/net");
        foreach (Job job in _jobs.GetConsumingEnumerable())
        {
            try
            {
                Enter(job.Namespace);
                job.Work();
            }
#pragma warning disable CA1031 // handed over to the thread that asked for the work
            catch (Exception e)
#pragma warning restore CA1031
            {
                job.Failure = ExceptionDispatchInfo.Capture(e);
            }

            // Fails only when the process has lost its privileges; going on in a foreign namespace would be worse than ending.
            Enter(home);
            job.Done.Set();
        }
    }

    private static void Enter(SafeFileHandle networkNamespace)
    {
        if (Libc.setns((int)networkNamespace.DangerousGetHandle(), Libc.CLONE_NEWNET) != 0)
        {
            throw LinuxException.Last("setns", "network namespace");
        }
    }

    private sealed class Job(SafeFileHandle networkNamespace, Action work) : IDisposable
    {
        public SafeFileHandle Namespace { get; } = networkNamespace;

        public Action Work { get; } = work;

        public ManualResetEventSlim Done { get; } = new();

        public ExceptionDispatchInfo? Failure { get; set; }

        public void Dispose() => Done.Dispose();
    }
}
