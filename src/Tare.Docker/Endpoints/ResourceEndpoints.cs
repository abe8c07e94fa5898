using Tare.Docker.Documents;
using Tare.Docker.Routing;
using Tare.Docker.Streams;
using Tare.Engine.Containers;

namespace Tare.Docker.Endpoints;

/// <summary>What a container may use and what it does use.</summary>
/// <param name="time">The clock.</param>
internal sealed class ResourceEndpoints(TimeProvider time)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    /// <summary><c>POST /containers/{id}/update</c>.</summary>
    public static async Task UpdateAsync(ApiRequest request)
    {
        // The body holds the limits and the restart policy on one level, as HostConfig does.
        HostConfig asked = await request.ReadJsonAsync(ApiRequest.Json.HostConfig);
        if (request.Version.Minor < 40)
        {
            // That field came with 1.40.
            asked.PidsLimit = null;
        }

        UpdateContainerRequest update = new() { Resources = asked, RestartPolicy = asked.RestartPolicy };
        IReadOnlyList<string> warnings = await request.Engine.Containers.UpdateAsync(request.Name, update, request.Aborted);
        await request.WriteJsonAsync(new UpdateContainerDocument(warnings.Count == 0 ? null : warnings), ApiRequest.Json.UpdateContainerDocument);
    }

    /// <summary><c>GET /containers/{id}/stats</c>: each second, or once; then with a second between two readings, unless one shot is asked for.</summary>
    public async Task StatsAsync(ApiRequest request)
    {
        bool isStream = request.QueryBool("stream", otherwise: true);
        ContainerStatistics now = request.Engine.Containers.Statistics(request.Name);
        await request.StartStreamAsync("application/json");
        Stream body = request.Context.Response.Body;
        if (!isStream && (request.QueryBool("one-shot") || now.Usage is null))
        {
            await body.WriteAsync(StatisticsWriter.Write(now, null), request.Aborted);
            return;
        }

        ContainerStatistics? before = null;
        do
        {
            if (isStream || before is not null)
            {
                await body.WriteAsync(StatisticsWriter.Write(now, before), request.Aborted);
                await body.FlushAsync(request.Aborted);
            }

            before = now;
            await Task.Delay(s_interval, time, request.Aborted);
            now = request.Engine.Containers.Statistics(request.Name);
        }
        while (isStream);
        await body.WriteAsync(StatisticsWriter.Write(now, before), request.Aborted);
    }
}
