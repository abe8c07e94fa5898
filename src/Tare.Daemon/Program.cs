using Tare.Daemon.Options;

namespace Tare.Daemon;

/// <summary>The program tared.</summary>
internal static class Program
{
    private static Task<int> Main(string[] arguments) => DaemonCommand.RunAsync(arguments, CancellationToken.None);
}
