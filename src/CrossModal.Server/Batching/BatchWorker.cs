using System.Diagnostics;
using CrossModal.Server.Operations;

namespace CrossModal.Server.Batching;

/// <summary>The thread that computes a policy's steps: what arrives during a step forms the next one.</summary>
internal sealed class BatchWorker
{
    private readonly IStepModel _model;
    private readonly StepQueue _queue;
    private readonly ActionLimits _limits;
    private readonly ServerMetrics _metrics;
    private readonly Thread _thread;

    /// <summary>Starts the thread.</summary>
    /// <param name="name">The policy's name.</param>
    /// <param name="model">The policy.</param>
    /// <param name="options">Bounds of waiting.</param>
    /// <param name="limits">The actions that may be sent.</param>
    /// <param name="metrics">Receives counts and times.</param>
    public BatchWorker(string name, IStepModel model, BatchOptions options, ActionLimits limits, ServerMetrics metrics)
    {
        (_model, _limits, _metrics, _queue) = (model, limits, metrics, new StepQueue(options));
        _thread = new Thread(Work) { IsBackground = true, Name = $"policy {name}" };
        _thread.Start();
    }

    /// <summary>Requests that wait.</summary>
    public int Waiting => _queue.Count;

    /// <summary>Waits for the action of an observation.</summary>
    /// <param name="request">The observation.</param>
    /// <param name="cancellation">Nobody waits for it any more.</param>
    /// <exception cref="RefusedException">Too many wait, it waited too long, or the action must not be carried out.</exception>
    public async Task<StepResult> Ask(StepRequest request, CancellationToken cancellation)
    {
        _queue.Add(request);
        await using (cancellation.Register(request.Abandon)) return await request.Result.ConfigureAwait(false);
    }

    /// <summary>Takes no further requests, and ends the thread once those that wait are answered.</summary>
    public void Close() => _queue.Close();

    /// <summary>Waits for the thread's end.</summary>
    /// <param name="longest">How long.</param>
    /// <returns>Whether it ended.</returns>
    public bool Join(TimeSpan longest) => _thread.Join(longest);

    private void Work()
    {
        while (true)
        {
            var requests = _queue.Take(_model.MostInStep);
            if (requests.Count == 0) return;
            try
            {
                Step(requests);
            }
            catch (Exception) when (requests.Count > 1)
            {
                // One observation must not take the others down with it.
                foreach (var request in requests.Where(r => !r.IsAbandoned)) Single(request);
            }
            catch (Exception exception)
            {
                Fail(requests[0], exception);
            }
        }
    }

    private void Single(StepRequest request)
    {
        try
        {
            Step([request]);
        }
        catch (Exception exception)
        {
            Fail(request, exception);
        }
    }

    private void Step(IReadOnlyList<StepRequest> requests)
    {
        using var activity = ServerMetrics.Traces.StartActivity("step");
        activity?.SetTag("batch", requests.Count);
        var (start, outputs) = (Stopwatch.GetTimestamp(), new StepOutput?[requests.Count]);
        try
        {
            _model.Step(requests, outputs);
            _metrics.Step(requests.Count, Stopwatch.GetElapsedTime(start));
        }
        finally
        {
            // Also when one failed: those that were computed are not computed again, as their episodes went on.
            var took = Stopwatch.GetElapsedTime(start);
            for (var i = 0; i < requests.Count; i++)
                if (outputs[i] is { } output)
                    Complete(requests[i], output, Stopwatch.GetElapsedTime(requests[i].Came, start), took, requests.Count);
        }
    }

    private void Complete(StepRequest request, StepOutput output, TimeSpan queue, TimeSpan took, int batch)
    {
        try
        {
            _limits.Check(output.Action);
            request.Complete(new StepResult(output.Action, queue, took, batch, output.Signals, output.Number));
        }
        catch (RefusedException refused)
        {
            request.Fail(refused);
        }
    }

    /// <summary>What the policy itself refuses was wrong with the observation or the instruction; anything else is a fault of the
    /// policy.</summary>
    private static void Fail(StepRequest request, Exception exception) =>
        request.Fail(new RefusedException(exception is ArgumentException ? Refusal.Invalid : Refusal.Unsafe, exception.Message));
}
