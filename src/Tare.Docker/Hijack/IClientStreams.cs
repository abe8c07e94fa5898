using System.IO.Pipelines;

namespace Tare.Docker.Hijack;

/// <summary>A client's side of a connection that carries a container's streams. Disposing sends what is left and closes it.</summary>
internal interface IClientStreams : IAsyncDisposable
{
    /// <summary>What the client sends; its end is the end of stdin, while the connection may live on.</summary>
    PipeReader Input { get; }

    /// <summary>What the client receives.</summary>
    PipeWriter Output { get; }

    /// <summary>Tells the client that the output is over, where the protocol has a word for it, before a pending read is given up.</summary>
    /// <param name="cancellationToken">Gives it up.</param>
    ValueTask EndOutputAsync(CancellationToken cancellationToken);

    /// <summary>Whether the client receives no more.</summary>
    bool IsClientGone();
}
