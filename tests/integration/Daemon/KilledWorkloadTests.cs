using System.Diagnostics;
using System.Globalization;

namespace Tare.IntegrationTests.Daemon;

/// <summary>
/// Clients create, start, stop, rename, write to and remove containers and volumes while the daemon, a shim or both are killed at random moments. After each kill everything that was
/// acknowledged holds, and what the daemon says of a container is what the kernel says.
/// </summary>
public sealed class KilledWorkloadTests : IDisposable
{
    private const int Rounds = 100;
    private const int Workers = 2;

    private readonly DaemonFixture _daemon = new();

    public void Dispose() => _daemon.Dispose();

    [Fact]
    public void WhatWasAcknowledgedHoldsAfterEveryKill()
    {
        // Another seed finds other moments: TARE_TEST_SEED.
        int seed = int.TryParse(Environment.GetEnvironmentVariable("TARE_TEST_SEED"), CultureInfo.InvariantCulture, out int given) ? given : 20261130;
        Random random = new(seed);
        Workload[] workloads = [.. Enumerable.Range(0, Workers).Select(number => new Workload(_daemon, number, seed + number))];
        int shimsKilled = 0;
        for (int round = 0; round < Rounds; round++)
        {
            Thread[] threads = [.. workloads.Select(workload => new Thread(workload.Run))];
            foreach (Workload workload in workloads)
            {
                workload.Resume();
            }

            foreach (Thread thread in threads)
            {
                thread.Start();
            }

            Thread.Sleep(random.Next(20, 250));
            foreach (Workload workload in workloads)
            {
                workload.ExpectFailures();
            }

            bool killsDaemon = round % 3 != 1;
            string? lostShim = round % 3 != 0 ? KillAnyShim(random) : null;
            shimsKilled += lostShim is null ? 0 : 1;

            if (killsDaemon)
            {
                _daemon.KillDaemon();
            }

            foreach (Thread thread in threads)
            {
                Assert.True(thread.Join(TimeSpan.FromSeconds(40)), $"round {round}: a client hangs");
            }

            if (killsDaemon)
            {
                _daemon.StartDaemon();
            }

            foreach (Workload workload in workloads)
            {
                Assert.True(workload.Failure is null, $"round {round}: {workload.Failure}\n{_daemon.DaemonLog}");
                workload.Check($"round {round}, {(killsDaemon ? "tared" : "")} {(lostShim is null ? "" : "shim of " + lostShim)} killed", lostShim);
            }
        }

        Assert.True(shimsKilled > Rounds / 4, $"only {shimsKilled} shims were killed");
    }

    /// <summary>Kills the shim of a container chosen at random; its id, null when there is none.</summary>
    private string? KillAnyShim(Random random)
    {
        List<KeyValuePair<string, int>> shims = [.. _daemon.Shims()];
        if (shims.Count == 0)
        {
            return null;
        }

        (string container, int shim) = shims[random.Next(shims.Count)];
        Kill(shim);
        return container;
    }

    private static void Kill(int pid)
    {
        try
        {
            using Process process = Process.GetProcessById(pid);
            process.Kill();
        }
        catch (ArgumentException)
        {
            // It ended with its container a moment ago.
        }
    }
}
