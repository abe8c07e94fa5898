using Tare.Docker.Documents;
using Tare.Docker.Routing;
using Tare.Docker.Streams;
using Tare.Engine.Events;

namespace Tare.Docker.Endpoints;

/// <summary>The stream of events.</summary>
internal static class EventEndpoints
{
    /// <summary><c>GET /events</c>.</summary>
    public static async Task EventsAsync(ApiRequest request)
    {
        EventFilter filter = new(request.Filters());
        DateTimeOffset? since = GoTime.Parse(request.Query("since"));
        DateTimeOffset? until = GoTime.Parse(request.Query("until"));
        await using IAsyncEnumerator<EngineEvent> events = request.Engine.Events.SubscribeAsync(since, until, request.Aborted).GetAsyncEnumerator(request.Aborted);
        // The first step subscribes: a client that has the headers misses nothing from then on.
        ValueTask<bool> next = events.MoveNextAsync();
        await request.StartStreamAsync("application/json");
        Stream body = request.Context.Response.Body;
        while (await next)
        {
            if (filter.Matches(events.Current))
            {
                await body.WriteAsync(JsonLine.Serialize(Document(events.Current), ApiRequest.Json.EventDocument, JsonLine.End), request.Aborted);
                await body.FlushAsync(request.Aborted);
            }

            next = events.MoveNextAsync();
        }
    }

    /// <summary>The line of an event. The names in lower case are those of API 1.21 and before, which clients still read.</summary>
    public static EventDocument Document(EngineEvent occurrence)
    {
        bool hasOldNames = occurrence.Type is "container" or "image";
        return new EventDocument
        {
            Status = hasOldNames ? occurrence.Action : null,
            Id = hasOldNames ? occurrence.ActorId : null,
            From = occurrence.Type == "container" ? occurrence.Attributes.GetValueOrDefault("image") : null,
            Type = occurrence.Type,
            Action = occurrence.Action,
            Actor = new ActorDocument(occurrence.ActorId, occurrence.Attributes),
            Time = occurrence.Time.ToUnixTimeSeconds(),
            TimeNano = GoTime.UnixNanoseconds(occurrence.Time),
        };
    }
}
