using Tare.Engine.Containers;

namespace Tare.Engine.Lifecycle;

/// <summary>Decides about restarts after an exit.</summary>
internal static class RestartPolicies
{
    private static readonly TimeSpan s_firstDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_longestDelay = TimeSpan.FromMinutes(1);

    /// <summary>A run of this length counts as a good one: the next delay begins anew (as in dockerd).</summary>
    private static readonly TimeSpan s_goodRun = TimeSpan.FromSeconds(10);

    /// <summary>Whether a container is started again after its exit.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="exitCode">The exit code.</param>
    /// <param name="restarts">Restarts until now.</param>
    /// <param name="stoppedByUser">Whether a user ended it.</param>
    public static bool WantsRestart(RestartPolicy policy, int exitCode, int restarts, bool stoppedByUser) => !stoppedByUser && policy.Name switch
    {
        "always" or "unless-stopped" => true,
        "on-failure" => exitCode != 0 && (policy.MaximumRetryCount == 0 || restarts < policy.MaximumRetryCount),
        _ => false,
    };

    /// <summary>Whether a container that does not run is started when the daemon starts. One that failed is, as after any exit; dockerd starts even what a user stopped, if its code says failure.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="exitCode">The exit code of its last run.</param>
    /// <param name="restarts">Restarts until now.</param>
    /// <param name="stoppedByUser">Whether a user ended it.</param>
    public static bool WantsStart(RestartPolicy policy, int exitCode, int restarts, bool stoppedByUser)
        => policy.Name == "always" || WantsRestart(policy, exitCode, restarts, stoppedByUser);

    /// <summary>The wait before the next restart: doubled from 100 ms to a minute, begun anew after a good run.</summary>
    public static TimeSpan NextDelay(TimeSpan last, TimeSpan run)
    {
        if (last == TimeSpan.Zero || run >= s_goodRun)
        {
            return s_firstDelay;
        }

        TimeSpan next = last * 2;
        return next < s_longestDelay ? next : s_longestDelay;
    }
}
