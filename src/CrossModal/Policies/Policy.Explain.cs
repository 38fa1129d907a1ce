using CrossModal.Engine.Tensors;
using CrossModal.Explain;
using CrossModal.Imaging;
using CrossModal.Inference;

namespace CrossModal.Policies;

/// <content>What the last step depended on: maps of its words, by method, and the compiled plan.</content>
public sealed partial class Policy
{
    /// <summary>Where a word of the instruction attended in the last step.</summary>
    /// <param name="word">One of the instruction's words, as <see cref="SetInstruction"/> returned it.</param>
    /// <param name="layer">Name of an attention layer; the one with the least spread over the picture when null.</param>
    /// <param name="camera">Which camera; the first when null.</param>
    /// <exception cref="ArgumentException">The instruction has no such word, or there is no such layer or camera, or the strategy has no
    /// attention from words to patches.</exception>
    /// <exception cref="InvalidOperationException">No step was run since the instruction was set.</exception>
    public WordExplanation Explain(string word, string? layer = null, string? camera = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(word);
        var maps = Maps();
        var (index, view) = (WordIndex(word), ViewIndex(camera));
        var fitting = maps.Where(m => m.View == view).ToList();
        if (fitting.Count == 0)
            throw new ArgumentException(
            $"Policy: the strategy '{_trained.Policy.Options.Strategy}' has no attention from words to patches{(camera is null ? "" : $" of the camera '{camera}'")}");
        var map = layer is null ? fitting.MinBy(m => m.Spread())! : fitting.Find(m => m.Layer == layer)
            ?? throw new ArgumentException(
                $"Policy: there is no layer '{layer}'; there are: {string.Join(", ", fitting.Select(m => m.Layer))}", nameof(layer));
        var explained = Explained();
        var method = new RawAttention(map.Layer);
        return new WordExplanation(_words![index], map, index, _frames[view] ?? Picture(view), ImageSize, method,
            () => explained.Faithfulness.Measure(method.Compute(explained.Decision).Joined(index)));
    }

    /// <summary>What a method says the last step depends on.</summary>
    /// <param name="word">One of the instruction's words; null for the decision as a whole: the mean over words of a method that has a map
    /// of each.</param>
    /// <param name="method">The method, one of <see cref="MapMethods"/> or another.</param>
    /// <param name="target">What of the action is explained; its direction when null.</param>
    /// <param name="camera">Which camera; the first when null.</param>
    /// <exception cref="ArgumentException">The instruction has no such word, or there is no such camera.</exception>
    /// <exception cref="NotSupportedException">The method has no meaning for the strategy, or none for a single word; the message says
    /// which.</exception>
    /// <exception cref="InvalidOperationException">No step was run since the instruction was set.</exception>
    public WordExplanation Explain(string? word, IMapMethod method, ExplanationTarget? target = null, string? camera = null)
    {
        ArgumentNullException.ThrowIfNull(method);
        var explained = Explained(target);
        var (index, view) = (word is null ? (int?)null : WordIndex(word), ViewIndex(camera));
        if (word is not null && !method.OfWords)
            throw new NotSupportedException(
                $"{method.Name} has one map of the decision as a whole, none of the word '{word}': give no word");
        var map = method.Compute(explained.Decision);
        var row = Tensor.From(map.Of(view, index), [1, 1, map.Grid.Count]);
        var sum = map.Joined(index).Sum(x => (double)x);
        for (var i = 0; i < row.Shape.Length && sum > 0; i++) row.Span[i] = (float)(row.Span[i] / sum);
        return new WordExplanation(word is null ? "" : _words![index!.Value], WordMap.Of(method.Name, map.Grid, row, view), 0,
            _frames[view] ?? Picture(view), ImageSize, method,
            () => explained.Faithfulness.Measure(map.Joined(index)))
        { Residual = map.Residual };
    }

    /// <summary>A test of a word, for a program's own tests: <c>policy.Words("red").ShouldAttendTo(redObjects, lift: 5, p:
    /// 0.01)</c>.</summary>
    /// <param name="word">One word; capitals do not matter.</param>
    public WordTest Words(string word)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(word);
        return new WordTest(this, word.Trim().ToLowerInvariant());
    }

    /// <summary>The last step as a decision that methods of explanation can be applied to, with the test of their maps.</summary>
    /// <remarks>It is a copy: later steps do not change it.</remarks>
    /// <param name="target">What of the action is explained; its direction when null.</param>
    /// <exception cref="InvalidOperationException">No step was run since the instruction was set.</exception>
    public StepExplanation Explained(ExplanationTarget? target = null)
    {
        Enter();
        try
        {
            RequireStep();
            target ??= ExplanationTarget.Direction;
            return _explanation?.Target == target ? _explanation
                : _explanation = new StepExplanation(target, _runner.Explained(target, _frames.Padding(ImageSize, _trained.Policy.Grid)));
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>The part of an action of a name: <c>direction</c>, <c>gripper</c>, or one of <see cref="Actions"/> with + or − before
    /// it.</summary>
    /// <exception cref="ArgumentException">There is no such part.</exception>
    public ExplanationTarget Target(string name) => _trained.Signature.Target(name, _trained.Policy.Options.Actions);

    /// <summary>All attention from words to patches in the last step, layer by layer.</summary>
    /// <remarks>The step is computed once more with its attention weights written out; a step that nobody asks about pays
    /// nothing.</remarks>
    /// <exception cref="InvalidOperationException">No step was run since the instruction was set.</exception>
    public IReadOnlyList<WordMap> Maps() => Maps(0);

    /// <summary>All attention from words to the patches of an earlier picture in the last step, layer by layer.</summary>
    /// <param name="age">How many control steps ago the picture was taken: 1 to the policy's number of past frames; 0 for the current
    /// one.</param>
    /// <exception cref="ArgumentOutOfRangeException">The policy has no picture of that age.</exception>
    /// <exception cref="InvalidOperationException">No step was run since the instruction was set.</exception>
    public IReadOnlyList<WordMap> Maps(int age)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(age);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(age, PastFrames);
        Enter();
        try
        {
            RequireStep();
            return WordMap.Read(_runner.Plan.ReadTrace(), 0, _words!.Count, _trained.Policy.Grid, age);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>What a step computes, step by step, with the share of time of each, measured on the last observation.</summary>
    /// <param name="frames">How often to measure.</param>
    /// <exception cref="InvalidOperationException">No step was run since the instruction was set.</exception>
    public SessionPlan Explain(int frames = 20)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(frames);
        Enter();
        try
        {
            RequireStep();
            return _runner.Plan.Compiled.Explain(frames);
        }
        finally
        {
            Leave();
        }
    }

    private int WordIndex(string word)
    {
        var index = _words!.ToList().IndexOf(word.ToLowerInvariant());
        return index >= 0 ? index
            : throw new ArgumentException($"Policy: the instruction has no word '{word}'; it has: {string.Join(", ", _words!)}",
            nameof(word));
    }

    private int ViewIndex(string? camera)
    {
        var view = camera is null ? 0 : Cameras.ToList().IndexOf(camera);
        return view >= 0 ? view
            : throw new ArgumentException($"Policy: there is no camera '{camera}'; there are: {string.Join(", ", Cameras)}",
            nameof(camera));
    }

    /// <summary>The encoded input of a camera as a picture.</summary>
    private RgbImage Picture(int view)
    {
        if (_trained.Vision is not null)
            throw new InvalidOperationException("Policy: pictures are drawn of kept frames alone, and KeepFrames is off");
        var plane = ImageSize * ImageSize;
        var planes = _runner.Images.Span.Slice(view * 3 * plane, 3 * plane);
        var picture = new RgbImage(ImageSize, ImageSize);
        for (var i = 0; i < plane; i++)
            for (var c = 0; c < RgbImage.Channels; c++)
                picture.Pixels[i * RgbImage.Channels + c] = (byte)MathF.Round(255 * planes[c * plane + i]);
        return picture;
    }

    private void RequireStep()
    {
        if (!_stepped) throw new InvalidOperationException("Policy: no step was run since the instruction was set");
    }
}
