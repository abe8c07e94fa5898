using System.Text;
using Tare.Oci.Runtime;
using Tare.Runtime.Containers;

namespace Tare.Runtime.Checkpoint;

/// <summary>What the installed criu is, and what it says when it fails.</summary>
internal static class CriuProgram
{
    /// <summary>The oldest that can tell its version.</summary>
    private const int Oldest = 3_00_00;

    /// <summary>Takes over settings of a user for this runtime.</summary>
    private const string OwnConfiguration = "/etc/criu/tare-runtime.conf";

    /// <summary>Those that people wrote for runc hold as well.</summary>
    private const string Configuration = "/etc/criu/runc.conf";

    /// <summary>The version as MAJOR * 10000 + MINOR * 100 + SUBLEVEL.</summary>
    /// <exception cref="RuntimeException">criu is not installed, or too old.</exception>
    public static int Version()
    {
        using CriuProcess criu = CriuProcess.Start();
        CriuReply reply = criu.Call(new ProtobufWriter().Number(1, (int)CriuRequestKind.Version));
        return reply.Success && reply.Version >= Oldest
            ? reply.Version
            : throw new RuntimeException(ErrorKind.Invalid, $"CRIU version {reply.Version} must be {Oldest} or higher");
    }

    /// <summary>Checks that criu and the kernel can do what a request needs.</summary>
    /// <param name="trackMemory">Whether changed pages must be told from others.</param>
    /// <param name="lazyPages">Whether pages must be restorable when they are touched.</param>
    /// <exception cref="RuntimeException">They cannot.</exception>
    public static void Require(bool trackMemory, bool lazyPages)
    {
        if (!trackMemory && !lazyPages)
        {
            return;
        }

        using CriuProcess criu = CriuProcess.Start();
        ProtobufWriter features = new ProtobufWriter().Flag(1, trackMemory).Flag(2, lazyPages);
        CriuReply reply = criu.Call(new ProtobufWriter().Number(1, (int)CriuRequestKind.FeatureCheck).Message(5, features));
        string missing = string.Join(' ', new[] { trackMemory && !reply.TracksMemory ? "MemTrack" : "", lazyPages && !reply.LazyPages ? "LazyPages" : "" }.Where(name => name.Length > 0));
        if (missing.Length > 0)
        {
            throw new RuntimeException(ErrorKind.Invalid, $"criu is missing features: [{missing}]");
        }
    }

    /// <summary>The file with further options: what the annotation <c>org.criu.config</c> names, nothing if that is empty, else that of the machine; null for none.</summary>
    public static string? ConfigurationOf(RuntimeSpec spec)
    {
        if (spec.Annotations?.TryGetValue("org.criu.config", out string? named) ?? false)
        {
            return named is { Length: > 0 } ? named : null;
        }

        return File.Exists(OwnConfiguration) ? OwnConfiguration : File.Exists(Configuration) ? Configuration : null;
    }

    /// <summary>The error of a request that failed.</summary>
    /// <param name="kind">What was asked for.</param>
    /// <param name="reply">criu's reply.</param>
    /// <param name="log">Its log file, whose last complaint is quoted.</param>
    public static RuntimeException Failure(CriuRequestKind kind, CriuReply reply, string log)
    {
        string name = kind switch
        {
            CriuRequestKind.Dump => "DUMP",
            CriuRequestKind.PreDump => "PRE_DUMP",
            _ => "RESTORE",
        };
        string? reason = Complaint(log) ?? reply.Message;
        return new RuntimeException(ErrorKind.Step, $"criu failed: type {name} errno {reply.Error}{(reason is null ? "" : ": " + reason)} (log file: {log})");
    }

    // The first complaint is the cause; those that criu goes on after are no complaint, and lack of CAP_SYS_RESOURCE is of that kind.
    private static string? Complaint(string log)
    {
        try
        {
            foreach (string line in File.ReadLines(log, Encoding.UTF8))
            {
                // (00.159433) Error (criu/files-reg.c:1790): Can't lookup mount=143 for fd=1 path=/x
                int start = line.IndexOf("Error (", StringComparison.Ordinal);
                int text = start < 0 ? -1 : line.IndexOf("): ", start, StringComparison.Ordinal);
                if (text >= 0 && !line.Contains("RLIMIT_NOFILE", StringComparison.Ordinal))
                {
                    return line[(text + 3)..];
                }
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null; // it failed before it had a log; its own sentence is left
        }

        return null;
    }
}
