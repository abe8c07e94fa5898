using Tare.Runtime.Shim.Protocol;

namespace Tare.Runtime.Shim.Client;

/// <summary>What a shim needs beyond its bundle to create a container.</summary>
public sealed record ShimCreateOptions
{
    /// <summary>The runtime's state root (<c>EXEC-ROOT/runtime</c>).</summary>
    public required string StateRoot { get; init; }

    /// <summary>The overlay of the root file system; null when the bundle's <c>root.path</c> already is one.</summary>
    public ShimRoot? Root { get; init; }

    /// <summary>The log file; null (default) logs nothing.</summary>
    public ShimLog? Log { get; init; }

    /// <summary>Keeps a stdin for clients (<c>docker run -i</c>). Default false: <c>/dev/null</c>.</summary>
    public bool OpenStdin { get; init; }

    /// <summary>The first attached client that ends its input ends the container's stdin. Default false.</summary>
    public bool StdinOnce { get; init; }

    /// <summary>File that receives the <see cref="ExitRecord"/>; null writes none.</summary>
    public string? ExitFile { get; init; }

    /// <summary>Watches for out-of-memory kills. Default true.</summary>
    public bool OomWatch { get; init; } = true;

    /// <summary>Puts a small init before the process, as <c>docker run --init</c> does. Default false.</summary>
    public bool Init { get; init; }
}
