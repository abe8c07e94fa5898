using System.Threading.Channels;
using Tare.Docker.Documents;
using Tare.Docker.Routing;
using Tare.Engine.Errors;

namespace Tare.Docker.Streams;

/// <summary>
/// An answer of JSON lines that tell how a long operation gets on. The headers go out with the first line, so that an operation that fails at once
/// still answers with its own status code; a later failure becomes the last line.
/// </summary>
/// <param name="request">The request to answer.</param>
/// <param name="failsInStream">Whether a failure is always a line of the answer, as dockerd's load has it.</param>
internal sealed class ProgressStream(ApiRequest request, bool failsInStream = false)
{
    private readonly Channel<ProgressDocument> _lines = Channel.CreateUnbounded<ProgressDocument>(new UnboundedChannelOptions { SingleReader = true });
    private bool _isStarted;

    /// <summary>Adds a line; may be called from any thread.</summary>
    public void Report(ProgressDocument line) => _lines.Writer.TryWrite(line);

    /// <summary>Runs the operation and sends the lines that it reports.</summary>
    /// <exception cref="EngineException">The operation failed before its first line.</exception>
    /// <param name="operation">Reports to this stream.</param>
    public async Task RunAsync(Func<CancellationToken, Task> operation)
    {
        using CancellationTokenSource gone = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted);
        Task work = WorkAsync(operation, gone.Token);
        try
        {
            await SendAsync(gone.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The client has gone: its operation is given up, as dockerd does.
            await gone.CancelAsync();
        }

        try
        {
            await work;
        }
        catch (EngineException e) when (_isStarted || failsInStream)
        {
            await StartAsync();
            await WriteAsync(new ProgressDocument { ErrorDetail = new ErrorDocument(e.Message), Error = e.Message }, CancellationToken.None);
        }
    }

    private async Task WorkAsync(Func<CancellationToken, Task> operation, CancellationToken cancellationToken)
    {
        try
        {
            await operation(cancellationToken);
        }
        finally
        {
            _lines.Writer.Complete();
        }
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        await foreach (ProgressDocument line in _lines.Reader.ReadAllAsync(cancellationToken))
        {
            await StartAsync();
            await WriteAsync(line, cancellationToken);
        }
    }

    private async Task StartAsync()
    {
        if (!_isStarted)
        {
            _isStarted = true;
            await request.StartStreamAsync("application/json");
        }
    }

    private async Task WriteAsync(ProgressDocument line, CancellationToken cancellationToken)
    {
        Stream body = request.Context.Response.Body;
        await body.WriteAsync(JsonLine.Serialize(line, ApiRequest.Json.ProgressDocument, JsonLine.ProgressEnd), cancellationToken);
        await body.FlushAsync(cancellationToken);
    }
}
