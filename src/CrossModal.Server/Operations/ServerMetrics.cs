using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace CrossModal.Server.Operations;

/// <summary>Counts and times of a server, for OpenTelemetry.</summary>
internal sealed class ServerMetrics : IDisposable
{
    /// <summary>The name of the meter and of the source of traces.</summary>
    public const string Name = "CrossModal.Server";

    private readonly Meter _meter = new(Name);
    private readonly Counter<long> _requests;
    private readonly Histogram<double> _queue;
    private readonly Histogram<double> _preprocessing;
    private readonly Histogram<double> _inference;
    private readonly Histogram<int> _batch;
    private readonly UpDownCounter<int> _connections;

    /// <summary>Metrics of one server.</summary>
    /// <param name="waiting">Counts the requests that wait.</param>
    public ServerMetrics(Func<int> waiting)
    {
        _requests = _meter.CreateCounter<long>("crossmodal_requests", null, "Requests by wire, policy and outcome");
        _queue = _meter.CreateHistogram<double>("crossmodal_queue", "ms", "From arrival to the start of its step");
        _preprocessing = _meter.CreateHistogram<double>("crossmodal_preprocessing", "ms", "Encoding of an observation");
        _inference = _meter.CreateHistogram<double>("crossmodal_inference", "ms", "A step");
        _batch = _meter.CreateHistogram<int>("crossmodal_batch", null, "Observations in a step");
        _connections = _meter.CreateUpDownCounter<int>("crossmodal_connections", null, "Open WebSocket connections");
        _meter.CreateObservableGauge("crossmodal_waiting", waiting, null, "Requests that wait for a step");
    }

    /// <summary>Traces of requests and steps.</summary>
    public static ActivitySource Traces { get; } = new(Name);

    /// <summary>A request was answered.</summary>
    /// <param name="wire"><c>openpi</c>, <c>act</c> or <c>kserve</c>.</param>
    /// <param name="policy">The policy's name.</param>
    /// <param name="outcome"><c>ok</c>, or why there was none.</param>
    public void Request(string wire, string policy, string outcome) => _requests.Add(1,
        new KeyValuePair<string, object?>("wire", wire), new KeyValuePair<string, object?>("policy", policy),
        new KeyValuePair<string, object?>("outcome", outcome));

    /// <summary>How long a request's parts took before its step.</summary>
    public void Times(TimeSpan queue, TimeSpan preprocessing)
    {
        _queue.Record(queue.TotalMilliseconds);
        _preprocessing.Record(preprocessing.TotalMilliseconds);
    }

    /// <summary>A step was computed.</summary>
    public void Step(int observations, TimeSpan took)
    {
        _batch.Record(observations);
        _inference.Record(took.TotalMilliseconds);
    }

    /// <summary>A connection was opened (1) or closed (−1).</summary>
    public void Connection(int change) => _connections.Add(change);

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();
}
