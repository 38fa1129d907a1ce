using CrossModal.Policies;

namespace CrossModal.Server.Batching;

/// <summary>A policy compiled for steps of one size, and the instruction that each place of such a step holds.</summary>
/// <param name="runner">Runs the steps.</param>
/// <param name="signals">How many numbers of a step a monitor is given; 0 for none.</param>
internal sealed class InstructionPlaces(PolicyRunner runner, int signals)
{
    private readonly string?[] _instructions = new string?[runner.Instructions];

    /// <summary>Observations in a step.</summary>
    public int Count => _instructions.Length;

    /// <summary>Computes a step of as many requests as there are places, those first whose instruction is in a place already.</summary>
    /// <param name="requests">All requests.</param>
    /// <param name="left">Which of them are to be done, at least as many as places; those done are taken out.</param>
    /// <param name="outputs">Receives what each request gets, by index.</param>
    public void Step(IReadOnlyList<StepRequest> requests, List<int> left, StepOutput?[] outputs)
    {
        Span<int> chosen = stackalloc int[Count];
        chosen.Fill(-1);

        // The first in the queue are served now; only their places are chosen.
        var now = left[..Count];
        left.RemoveRange(0, Count);
        for (var place = 0; place < Count; place++)
        {
            var match = now.FindIndex(i => requests[i].Instruction == _instructions[place]);
            if (match < 0) continue;
            chosen[place] = now[match];
            now.RemoveAt(match);
        }

        for (var place = 0; place < Count; place++)
        {
            if (chosen[place] < 0)
            {
                chosen[place] = now[^1];
                now.RemoveAt(now.Count - 1);

                // Unset until it is set, should the instruction be refused.
                _instructions[place] = null;
                runner.SetInstruction(place, requests[chosen[place]].Instruction, allowUnknown: false);
                _instructions[place] = requests[chosen[place]].Instruction;
            }

            Fill(place, requests[chosen[place]]);
        }

        runner.Run();
        for (var place = 0; place < Count; place++)
            outputs[chosen[place]] = new StepOutput(runner[place].Action.ToArray(), Signals(place),
                requests[chosen[place]].Past is { } past ? past.Steps - 1 : 0);
    }

    private float[]? Signals(int place)
    {
        if (signals == 0) return null;
        var numbers = new float[signals];
        runner.WriteSignals(place, -1, numbers);
        return numbers;
    }

    private void Fill(int place, StepRequest request)
    {
        var observation = request.Observation;
        observation.Pictures.CopyTo(runner.Images.Span[(place * observation.Pictures.Length)..]);
        if (runner.States is { } states) observation.State.CopyTo(states.Span[(place * observation.State.Length)..]);
        if (request.NeedsEffect) runner.AskEffect(place);
        runner.Follow(place, request.Past);
        request.Past?.Advance();
    }
}
