namespace Tare.Runtime.Shim.Streams;

/// <summary>A client that takes part in a process's streams, as <see cref="ProcessStreams"/> sees it. The one implementation beside the tests' is a connection.</summary>
internal interface IAttachment
{
    /// <summary>Whether the client wants standard output.</summary>
    bool WantsOutput { get; }

    /// <summary>Whether the client wants standard error.</summary>
    bool WantsError { get; }

    /// <summary>Bytes that the client has not taken yet.</summary>
    int Pending { get; }

    /// <summary>Sends bytes, or keeps them until the client takes them.</summary>
    void Send(ReadOnlySpan<byte> bytes);

    /// <summary>No output follows: closes when all is sent.</summary>
    void Finish();

    /// <summary>Whether the client's input may be read.</summary>
    void AllowInput(bool allowed);
}
