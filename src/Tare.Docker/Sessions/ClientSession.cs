using Grpc.Core;

namespace Tare.Docker.Sessions;

/// <summary>A client that offers services over its own connection, by which a build asks it for files, secrets and credentials (BuildKit's session protocol).</summary>
internal sealed class ClientSession
{
    private readonly HashSet<string> _methods;

    /// <summary>Makes a session.</summary>
    /// <param name="id">The client's name for it.</param>
    /// <param name="sharedKey">Names the client's folder across sessions; empty for none.</param>
    /// <param name="methods">Full names of the methods that the client serves, as <c>/service/Method</c>.</param>
    /// <param name="calls">Calls them.</param>
    /// <param name="ended">Is cancelled when the session ends.</param>
    public ClientSession(string id, string sharedKey, IEnumerable<string> methods, CallInvoker calls, CancellationToken ended)
    {
        Id = id;
        SharedKey = sharedKey;
        Calls = calls;
        Ended = ended;
        _methods = new HashSet<string>(methods, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The client's name for it.</summary>
    public string Id { get; }

    /// <summary>Names the client's folder across sessions; empty for none.</summary>
    public string SharedKey { get; }

    /// <summary>Calls the client's methods.</summary>
    public CallInvoker Calls { get; }

    /// <summary>Is cancelled when the session ends: nothing can be asked any more.</summary>
    public CancellationToken Ended { get; }

    /// <summary>Whether the client serves a method.</summary>
    /// <param name="method">Its full name, as <c>/service/Method</c>.</param>
    public bool Serves(string method) => _methods.Contains(method);
}
