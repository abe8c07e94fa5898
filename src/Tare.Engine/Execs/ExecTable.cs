using System.Collections.Concurrent;
using Tare.Engine.Errors;
using Tare.Runtime.Shim.Protocol;

namespace Tare.Engine.Execs;

/// <summary>Exec sessions in memory. Ended ones are kept for a while, since clients ask for the exit code after the end.</summary>
internal sealed class ExecTable
{
    /// <summary>Ended sessions that are kept per engine; the oldest go first.</summary>
    private const int KeptEnded = 1024;

    private readonly ConcurrentDictionary<string, ExecSnapshot> _sessions = new();
    private readonly ConcurrentQueue<string> _ended = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<int>> _waiters = new();

    /// <summary>Adds a session.</summary>
    public void Add(ExecSnapshot session) => _sessions[session.Id] = session;

    /// <summary>
    /// Takes the sessions that a shim remembers, after a restart of the daemon: their ends and exit codes are known again; what they were asked to run is not.
    /// </summary>
    public void Restore(string containerId, IEnumerable<ShimExecState> sessions)
    {
        foreach (ShimExecState session in sessions)
        {
            Add(new ExecSnapshot { Id = session.ExecId, ContainerId = containerId, Config = new ExecConfig(), Started = true, Running = session.Running, Pid = session.Running ? session.Pid : 0 });
            if (!session.Running)
            {
                Ended(session.ExecId, session.ExitCode ?? 0);
            }
        }
    }

    /// <summary>Finds a session.</summary>
    /// <exception cref="EngineException">NotFound.</exception>
    public ExecSnapshot Find(string id) => _sessions.GetValueOrDefault(id) ?? throw EngineErrors.NoSuchExec(id);

    /// <summary>Finds a session; null when there is none.</summary>
    public ExecSnapshot? TryFind(string id) => _sessions.GetValueOrDefault(id);

    /// <summary>Changes a session.</summary>
    public void Change(string id, Func<ExecSnapshot, ExecSnapshot> change)
    {
        while (_sessions.TryGetValue(id, out ExecSnapshot? old) && !_sessions.TryUpdate(id, change(old), old))
        {
        }
    }

    /// <summary>Claims the only start of a session; false when it was started before.</summary>
    public bool TryClaimStart(string id)
    {
        while (_sessions.TryGetValue(id, out ExecSnapshot? old))
        {
            if (old.Started)
            {
                return false;
            }

            if (_sessions.TryUpdate(id, old with { Started = true }, old))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Completes with the exit code of a session. To be asked for before the session starts, and ended by <see cref="Remove"/>.</summary>
    public Task<int> EndOf(string id) => _waiters.GetOrAdd(id, _ => new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>Forgets a session that nobody asks about any more.</summary>
    public void Remove(string id)
    {
        _sessions.TryRemove(id, out _);
        if (_waiters.TryRemove(id, out TaskCompletionSource<int>? waiter))
        {
            waiter.TrySetCanceled();
        }
    }

    /// <summary>Takes the end of a session.</summary>
    public void Ended(string id, int exitCode)
    {
        Change(id, s => s with { Running = false, ExitCode = exitCode, Pid = 0 });
        if (_waiters.TryGetValue(id, out TaskCompletionSource<int>? waiter))
        {
            waiter.TrySetResult(exitCode);
        }

        _ended.Enqueue(id);
        while (_ended.Count > KeptEnded && _ended.TryDequeue(out string? oldest))
        {
            _sessions.TryRemove(oldest, out _);
        }
    }

    /// <summary>Ends the sessions that still run when their container ends: killed with it.</summary>
    public void EndAll(string containerId)
    {
        const int Killed = 137;
        foreach (ExecSnapshot session in _sessions.Values)
        {
            if (session.ContainerId == containerId && session.Running)
            {
                Ended(session.Id, Killed);
            }
        }
    }

    /// <summary>Forgets the sessions of a removed container.</summary>
    public void Forget(string containerId)
    {
        foreach (ExecSnapshot session in _sessions.Values.Where(s => s.ContainerId == containerId))
        {
            _sessions.TryRemove(session.Id, out _);
        }
    }
}
