using CrossModal.Explain;
using CrossModal.Policies;
using CrossModal.Server.Batching;

namespace CrossModal.Server.Viewing;

/// <summary>All maps of one step: computed when they are asked for, from one step of the policy.</summary>
/// <remarks>For one thread at a time.</remarks>
internal sealed class StepMaps
{
    private readonly IReadOnlyList<WordMap> _raw;
    private readonly StepExplanation _explained;
    private readonly ViewedStep _step;
    private readonly int _cameras;
    private readonly int _patches;
    private readonly Dictionary<MapChoice, ShownMap> _maps = [];
    private readonly Dictionary<(MapChoice, int?), Faithfulness> _measured = [];
    private FaithfulnessTest? _test;

    /// <summary>Runs a step.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="episode">The episode.</param>
    /// <param name="number">Number of the step.</param>
    /// <param name="target">What of the action is explained, as <see cref="Policy.Target"/> names it.</param>
    /// <exception cref="ArgumentException">The instruction has no word or too many, or there is no such target.</exception>
    /// <exception cref="RefusedException">There is no such step, or the past frames that the policy was given at it were not
    /// kept.</exception>
    public StepMaps(Policy policy, ViewedEpisode episode, int number, string target)
    {
        var step = episode.Find(number)
            ?? throw new RefusedException(Refusal.Unknown, $"the episode '{episode.Name}' has no step {number}");
        var past = episode.Past(number, policy.PastFrames);
        (Words, Unknown) = policy.SetInstruction(episode.Instruction, allowUnknown: true);
        foreach (var before in past) policy.Act(before.ToObservation(policy.Cameras));
        policy.Act(step.ToObservation(policy.Cameras));
        _raw = policy.Maps();
        _explained = policy.Explained(policy.Target(target));
        (_step, _cameras, _patches) = (step, policy.Cameras.Count, policy.Grid.Count);
    }

    /// <summary>The words of the instruction.</summary>
    public IReadOnlyList<string> Words { get; }

    /// <summary>The words that the policy does not know.</summary>
    public IReadOnlyList<string> Unknown { get; }

    /// <summary>The layers with attention from words to patches, and the heads of each.</summary>
    public IReadOnlyList<(string Layer, int Heads)> Layers => [.. _raw.Select(m => (m.Layer, m.Heads)).Distinct()];

    /// <summary>Computes a map.</summary>
    /// <exception cref="ArgumentException">There is no such method, layer or head.</exception>
    /// <exception cref="NotSupportedException">The method has no meaning for the policy.</exception>
    public ShownMap Map(MapChoice choice)
    {
        if (_maps.TryGetValue(choice, out var known)) return known;
        return _maps[choice] = choice.Method == MapChoice.Raw ? RawOf(choice.Layer, choice.Head) : ByMethod(MapMethods.Find(choice.Method));
    }

    /// <summary>Whether a map is faithful: measured with half of the points and baselines of a full test.</summary>
    /// <param name="choice">The map.</param>
    /// <param name="word">The word; the mean over words for null.</param>
    /// <exception cref="NotSupportedException">The policy is given features, not pixels, or its action has no direction.</exception>
    public Faithfulness Measure(MapChoice choice, int? word)
    {
        var weights = Map(choice).Of(word);
        if (_measured.TryGetValue((choice, word), out var known)) return known;
        _test ??= new FaithfulnessTest(_explained.Decision, FaithfulnessOptions.Short);
        return _measured[(choice, word)] = _test.Measure(weights);
    }

    /// <summary>The verdict on a map if it was measured already.</summary>
    public Faithfulness? Measured(MapChoice choice, int? word) => _measured.GetValueOrDefault((choice, word));

    /// <summary>Every head of every layer, best first: by lift where it is known what a word names, else by concentration.</summary>
    /// <param name="word">The word; the mean over words for null.</param>
    public IReadOnlyList<HeadMap> Heads(int? word)
    {
        var heads = Layers.SelectMany(l => Enumerable.Range(0, l.Heads).Select(h =>
        {
            var weights = RawOf(l.Layer, h).Of(word);
            return new HeadMap(l.Layer, h, weights, Lift(weights, word), Concentration(weights));
        })).ToList();
        return [.. heads.OrderByDescending(h => h.Lift ?? h.Concentration)];
    }

    /// <summary>Share of a map on what a word names over that thing's share of the pictures; null where nothing is known.</summary>
    public double? Lift(float[] weights, int? word)
    {
        if (word is not { } index || _step.Coverage is not { } all || index >= all.Count || all[index] is not { } coverage
            || coverage.Max() == 0) return null;
        return Grounding.Measure(weights, coverage).Lift;
    }

    /// <summary>1 − entropy / ln N.</summary>
    public static double Concentration(float[] weights)
    {
        double total = weights.Sum(w => (double)w), entropy = 0;
        if (weights.Length < 2 || total <= 0) return 0;
        foreach (var weight in weights)
            if (weight > 0) entropy -= weight / total * Math.Log(weight / total);
        return 1 - entropy / Math.Log(weights.Length);
    }

    private ShownMap RawOf(string? layer, int? head)
    {
        if (_raw.Count == 0) throw new NotSupportedException("the policy's strategy has no attention from words to patches");
        var chosen = layer ?? _raw.MinBy(m => m.Spread())!.Layer;
        var views = _raw.Where(m => m.Layer == chosen).ToList();
        if (views.Count == 0)
            throw new ArgumentException($"there is no layer '{chosen}'; there are: {string.Join(", ", Layers.Select(l => l.Layer))}");
        if (head is { } number && (number < 0 || number >= views[0].Heads))
            throw new ArgumentException($"{chosen} has heads 0 to {views[0].Heads - 1}, not {number}");
        return new ShownMap(chosen, [.. Words.Select((_, word) => Joined(word))], OfWords: true);

        float[] Joined(int word) => [.. Enumerable.Range(0, _cameras).SelectMany(view =>
            views.Find(m => m.View == view) is not { } map ? new float[_patches]
                : head is { } h ? map.Head(h, word).ToArray() : map.Mean(word))];
    }

    private ShownMap ByMethod(IMapMethod method)
    {
        var map = method.Compute(_explained.Decision);
        var views = Enumerable.Range(0, map.Views.Count).Select(map.ToWordMap).ToList();
        return new ShownMap(null, [.. Enumerable.Range(0, map.Rows).Select(row => (float[])[.. views.SelectMany(v => v.Mean(row))])],
            method.OfWords);
    }
}
