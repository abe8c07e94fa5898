using System.Text;
using Microsoft.AspNetCore.Http;
using Tare.Docker.Documents;
using Tare.Docker.Hijack;
using Tare.Docker.Routing;
using Tare.Docker.Streams;
using Tare.Engine.Containers;
using Tare.Engine.Errors;
using Tare.Engine.Execs;

namespace Tare.Docker.Endpoints;

/// <summary>Operations on exec sessions.</summary>
/// <param name="time">The clock.</param>
internal sealed class ExecEndpoints(TimeProvider time)
{
    /// <summary><c>POST /containers/{id}/exec</c>.</summary>
    public static async Task CreateAsync(ApiRequest request)
    {
        ExecConfig config = await request.ReadJsonAsync(ApiRequest.Json.ExecConfig);
        _ = DetachKeys.Parse(config.DetachKeys);
        config.ConsoleSize = request.Version.Minor < 42 ? null : config.ConsoleSize;
        string id = request.Engine.Execs.Create(request.Name, config);
        await request.WriteJsonAsync(new IdDocument(id), ApiRequest.Json.IdDocument, StatusCodes.Status201Created);
    }

    /// <summary><c>POST /exec/{id}/start</c>: takes over the connection, unless the session is detached.</summary>
    public async Task StartAsync(ApiRequest request)
    {
        byte[] body = await request.ReadBodyAsync();
        ExecStartDocument start = body.Length == 0 ? new ExecStartDocument() : BodyParser.Parse(body, ApiRequest.Json.ExecStartDocument);
        ExecConfig config = request.Engine.Execs.Inspect(request.Name).Config;
        // Whether the process has a terminal was said when it was prepared; what is said here is how the client wants its output.
        uint[]? consoleSize = start.Tty && request.Version.Minor >= 42 ? start.ConsoleSize : null;
        if (start.Detach)
        {
            (await request.Engine.Execs.StartAsync(request.Name, true, consoleSize, request.Aborted))?.Dispose();
            await request.WriteStatusAsync(StatusCodes.Status200OK);
            return;
        }

        request.Engine.Execs.CheckStartable(request.Name);

        // The answer's head goes before the first output: clients read it through a buffer, and lose what comes with it.
        await using HijackedConnection client = await HijackedConnection.OpenAsync(request, !start.Tty);
        Attachment? attachment;
        try
        {
            attachment = await request.Engine.Execs.StartAsync(request.Name, false, consoleSize, request.Aborted);
        }
        catch (EngineException e)
        {
            // A command that cannot be executed is told on the stream, where its output would be; the exit code says the rest.
            await SayAsync(client, e.Message + "\r\n", start.Tty);
            return;
        }

        using (attachment)
        {
            StreamBridge bridge = new(client, config.AttachStdin, config.Tty ? DetachKeys.Parse(config.DetachKeys) : null, time, Framing(config.Tty, start.Tty));
            await bridge.RunAsync(Task.FromResult(attachment), static () => { }, request.Aborted);
        }

        // The client asks for the exit code as soon as the connection ends.
        await request.Engine.Execs.SettleAsync(request.Name, request.Aborted);
    }

    /// <summary><c>POST /exec/{id}/resize</c>.</summary>
    public static async Task ResizeAsync(ApiRequest request)
    {
        (int height, int width) = TerminalSize.FromQuery(request);
        await request.Engine.Execs.ResizeAsync(request.Name, height, width, request.Aborted);
        await request.WriteStatusAsync(StatusCodes.Status200OK);
    }

    /// <summary><c>GET /exec/{id}/json</c>.</summary>
    public static Task InspectAsync(ApiRequest request) =>
        request.WriteJsonAsync(Document(request.Engine.Execs.Inspect(request.Name)), ApiRequest.Json.ExecDocument);

    private static OutputFraming Framing(bool hasTerminal, bool wantsRaw) =>
        hasTerminal == wantsRaw ? OutputFraming.Kept : hasTerminal ? OutputFraming.Added : OutputFraming.Stripped;

    private static ExecDocument Document(ExecSnapshot exec) => new()
    {
        Id = exec.Id,
        Running = exec.Running,
        ExitCode = exec.ExitCode,
        ProcessConfig = new ExecProcessDocument
        {
            Tty = exec.Config.Tty,
            EntryPoint = exec.Config.Cmd is [var first, ..] ? first : "",
            Arguments = exec.Config.Cmd is [_, .. var rest] ? rest : [],
            Privileged = exec.Config.Privileged,
            User = exec.Config.User.Length == 0 ? null : exec.Config.User,
        },
        OpenStdin = exec.Config.AttachStdin,
        OpenStderr = exec.Config.AttachStderr,
        OpenStdout = exec.Config.AttachStdout,
        ContainerId = exec.ContainerId,
        DetachKeys = exec.Config.DetachKeys,
        Pid = exec.Pid,
    };

    private static async Task SayAsync(HijackedConnection client, string text, bool isTty)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        if (isTty)
        {
            await client.Output.WriteAsync(bytes);
        }
        else
        {
            FrameWriter.Write(client.Output, false, [], bytes);
            await client.Output.FlushAsync();
        }
    }
}
