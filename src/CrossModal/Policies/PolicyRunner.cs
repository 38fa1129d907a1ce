using System.Numerics.Tensors;
using CrossModal.Attention;
using CrossModal.Engine.Kernels;
using CrossModal.Engine.Tensors;
using CrossModal.Explain;
using CrossModal.Explain.Monitor;
using CrossModal.Inference;
using Tensor = CrossModal.Engine.Tensors.Tensor;

namespace CrossModal.Policies;

/// <summary>Encodes observations and instructions, runs the compiled policy, and decodes what it decides: the one way from pictures to
/// actions.</summary>
/// <remarks>Each number of words gets a plan at first use; the last eight are kept. Frames after that allocate nothing.</remarks>
internal sealed class PolicyRunner
{
    private const int MostPlans = 8;
    private const float PixelNoise = 0.01f;

    // Batches are padded to a multiple of this, so that sentences of many lengths share a plan.
    private const int WordStep = 4;

    private readonly TrainedPolicy _trained;
    private readonly PolicyRunOptions _options;
    private readonly CompiledWeights _weights;
    private readonly ObservationEncoder _encoder;
    private readonly List<PolicyPlan> _plans = [];
    private readonly Tensor _images;
    private readonly Tensor? _states;
    private readonly float[]?[] _words;
    private readonly int _wordWidth;
    private readonly Decision[] _decisions;
    private readonly PastMemory?[] _past;
    private readonly MonitorNeeds _needs;
    private readonly WordlessStep? _wordless;
    private PolicyPlan? _plan;

    /// <summary>Prepares memory.</summary>
    /// <param name="trained">The policy.</param>
    /// <param name="pictures">S, observations.</param>
    /// <param name="instructions">B, instructions, a multiple of S.</param>
    /// <param name="options">How to run.</param>
    /// <param name="weights">Packed weights, shared.</param>
    /// <param name="needs">What a monitor is given of the frames (<see cref="WriteSignals"/>).</param>
    /// <exception cref="ArgumentException">The policy has more cameras than an observation holds.</exception>
    public PolicyRunner(TrainedPolicy trained, int pictures, int instructions, PolicyRunOptions options, CompiledWeights weights,
        MonitorNeeds needs = MonitorNeeds.Nothing)
    {
        (_trained, _options, _weights, _needs) = (trained, options, weights, needs);
        var o = trained.Policy.Options;
        _encoder = new ObservationEncoder(trained);
        _images = Tensor.Zeros(trained.Policy.ImageShape(pictures));
        _states = o.Proprioception > 0 ? Tensor.Zeros([instructions, o.Proprioception]) : null;
        (_words, _wordWidth) = (new float[instructions][], trained.Tokenizer.Encoder?.Width ?? 1);
        _decisions = [.. Enumerable.Range(0, instructions).Select(_ => new Decision(trained))];
        _past = [.. Enumerable.Range(0, pictures).Select(_ => PastMemory.Of(trained.Policy))];
        if (needs == MonitorNeeds.StepsAndEffects) _wordless = new WordlessStep(trained, pictures, instructions, Session, weights);
    }

    /// <summary>B.</summary>
    public int Instructions => _words.Length;

    /// <summary>S.</summary>
    public int Pictures => _images.Shape[0];

    /// <summary>g of counterfactual guidance: the first instruction of each picture acts by a + g(a − a′), a′ being what the last one of
    /// the picture would do; 0 for none.</summary>
    public float Guidance { get; set; }

    /// <summary>Called with what every instruction decides, before guidance changes it; null when nobody compares.</summary>
    public Action<PolicyOutput>? Compared { get; set; }

    /// <summary>What encodes observations.</summary>
    public ObservationEncoder Encoder => _encoder;

    /// <summary>The encoded pictures, <c>[S, 3, H, W]</c> or <c>[S, V, 3, H, W]</c>, or their features.</summary>
    public Tensor Images => _images;

    /// <summary>Normalised states <c>[B, P]</c>; null when the policy has none.</summary>
    public Tensor? States => _states;

    /// <summary>The decision for an instruction.</summary>
    public Decision this[int instruction] => _decisions[instruction];

    /// <summary>The plan of the last step.</summary>
    /// <exception cref="InvalidOperationException">No step was run.</exception>
    public PolicyPlan Plan => _plan ?? throw new InvalidOperationException("Policy: no step was run yet");

    /// <summary>Sets an instruction.</summary>
    /// <exception cref="ArgumentException">It has no word, too many, or only unknown ones.</exception>
    public InstructionWords SetInstruction(int index, string text, bool allowUnknown)
    {
        ArgumentNullException.ThrowIfNull(text);
        var words = _trained.Tokenizer.WordsOf(text);
        var most = _trained.Policy.Options.MaxWords;
        if (words.Count == 0) throw new ArgumentException($"Policy: the instruction '{text}' has no word", nameof(text));
        if (words.Count > most)
            throw new ArgumentException($"Policy: the instruction has {words.Count} words, at most {most} fit", nameof(text));
        string[] unknown = [.. words.Where(word => !_trained.Tokenizer.Knows(word)).Distinct()];
        if (!allowUnknown && words.All(unknown.Contains))
            throw new ArgumentException($"Policy: it knows no word of the instruction '{text}'", nameof(text));
        _words[index] = _trained.Tokenizer.InputOf(text);
        _plan = null;
        return new InstructionWords(words, unknown);
    }

    /// <summary>Encodes an observation; nothing is changed when it is refused.</summary>
    /// <exception cref="ArgumentException">A camera is unknown, missing or given twice, a frame has no pixels, or the state has another
    /// length or holds what is no number.</exception>
    public void Observe(int picture, Observation observation)
    {
        var (each, count) = (Instructions / Pictures, _trained.Policy.Options.Proprioception);
        var states = _states is null ? default : _states.Span.Slice(picture * each * count, each * count);
        _encoder.Encode(observation, _images.Span.Slice(picture * _encoder.PictureLength, _encoder.PictureLength),
            states.IsEmpty ? states : states[..count]);
        for (var i = 1; i < each && !states.IsEmpty; i++) states[..count].CopyTo(states[(i * count)..]);
        _past[picture]?.Advance();
    }

    /// <summary>What is kept of the earlier pictures of an observation's episode; null for a policy without past frames.</summary>
    public PastMemory? Past(int picture) => _past[picture];

    /// <summary>Goes on with another episode in the place of an observation.</summary>
    /// <param name="picture">Which observation.</param>
    /// <param name="past">What was kept of that episode; its start when null.</param>
    public void Follow(int picture, PastMemory? past = null) => _past[picture] = past ?? PastMemory.Of(_trained.Policy);

    /// <summary>Makes the next step compute the counterfactual effect of an instruction too.</summary>
    /// <exception cref="InvalidOperationException">No monitor needs effects.</exception>
    public void AskEffect(int instruction) => (_wordless ?? throw new InvalidOperationException("Policy: no monitor needs effects"))
        .Ask(instruction);

    /// <summary>Runs a step for all observations and instructions.</summary>
    /// <param name="timing">Receives how long the parts took; null when nobody asks.</param>
    /// <exception cref="InvalidOperationException">An instruction is missing.</exception>
    /// <exception cref="Layers.WeightOverflowException">The weights make numbers overflow.</exception>
    public void Run(StepTiming? timing = null)
    {
        Prepare();
        WritePast();
        if (timing is null) _plan!.Run();
        else _plan!.Run(timing);
        _trained.RequireFinite(_plan.Output, _states);
        KeepPast();
        _wordless?.Run(_plan, _states, timing);
        Compared?.Invoke(_plan.Output);
        if (Guidance != 0) Guide(_plan.Output);
        for (var i = 0; i < _decisions.Length; i++) _decisions[i].Set(_plan!.Output, i, _options.Clip);
    }

    /// <summary>Finds or makes the plan for the instructions set, and computes what depends on them alone.</summary>
    /// <exception cref="InvalidOperationException">An instruction is missing.</exception>
    public void Prepare()
    {
        if (_plan is null) _plan = FindPlan();
    }

    /// <summary>Makes the last step a function of its pictures, computed by the policy's own layers, from copies that later steps do not
    /// change.</summary>
    /// <param name="target">What of the action is explained.</param>
    /// <param name="padding">Which patches hold nothing but padding; null when none is known to.</param>
    public Func<ExplainedDecision> Explained(ExplanationTarget target, IReadOnlyList<bool>? padding)
    {
        var words = Tensor.From([.. _words[0]!], _trained.Tokenizer.InputShape(1, _words[0]!.Length / _wordWidth));
        var states = _states is null ? null : Tensor.From(_states.Span[.._states.Shape[1]].ToArray(), [1, _states.Shape[1]]);
        var input = new PolicyInput(_images.Copy(), words, null, states)
        {
            Past = Plan.Past is { } past ? new PastFrames(past.Tokens.Copy(), Mask.OfScores(past.Scores.Copy())) { Encoded = true } : null,
        };
        return () => _trained.Explained(input, target, padding, _options.Workers);
    }

    /// <summary>What a monitor is given of the last frame.</summary>
    /// <param name="instruction">Which instruction.</param>
    /// <param name="other">The instruction it is held against; −1 for none.</param>
    /// <param name="into">Receives the numbers, as <see cref="SignalsOf"/> lays them out; a counterfactual effect that was not asked for
    /// is NaN.</param>
    public void WriteSignals(int instruction, int other, Span<float> into)
    {
        StepSignals.Write(Plan, _states, instruction, other, _words[instruction]!.Length / _wordWidth, into);
        if (other < 0) _wordless?.Effect(instruction).CopyTo(into[^MonitorLayout.CounterfactualLength..]);
    }

    /// <summary>How the numbers of <see cref="WriteSignals"/> lie, for the instructions set.</summary>
    /// <param name="effectEvery">K, after how many steps another instruction is held against; 0 for never.</param>
    public MonitorLayout SignalsOf(int effectEvery)
    {
        Prepare();
        return StepSignals.LayoutOf(_trained, _plan!.Attention.Length, effectEvery);
    }

    /// <summary>The largest change of the first action by noise on the pixels of the observation at hand, in normalised units.</summary>
    /// <param name="draws">Draws of noise, with a deviation of 0.01 and rounded to 8 bits.</param>
    public float NoiseFloor(int draws)
    {
        Prepare();
        WritePast();
        _plan!.Run();
        var count = _plan.Output.Action.Shape[1];
        var (images, own, largest) = (_images.ToArray(), _plan.Output.Action.Span[..count].ToArray(), 0f);
        var random = new RandomSource(1);
        for (var draw = 0; draw < draws; draw++)
        {
            for (var i = 0; i < images.Length; i++)
                _images.Span[i] = MathF.Round(255 * Math.Clamp(images[i] + PixelNoise * random.NextGaussian(), 0, 1)) / 255;
            _plan.Run();
            largest = MathF.Max(largest, TensorPrimitives.Distance<float>(own, _plan.Output.Action.Span[..count]) / MathF.Sqrt(count));
        }

        images.CopyTo(_images.Span);
        return largest;
    }

    private SessionOptions Session => new() { Workers = _options.Workers ?? Workers.Single };

    private void WritePast()
    {
        if (_plan!.Past is not { } past) return;
        var (tokens, frames) = (past.Tokens.Shape.Length / Pictures, past.Scores.Shape[3]);
        for (var i = 0; i < _past.Length; i++)
            _past[i]!.Write(past.Tokens.Span.Slice(i * tokens, tokens), past.Scores.Span.Slice(i * frames, frames));
    }

    private void KeepPast()
    {
        if (_plan!.Past is null) return;
        var patches = _plan.Output.Patches!;
        var tokens = patches.Shape.Length / Pictures;
        for (var i = 0; i < _past.Length; i++) _past[i]!.Keep(patches.Span.Slice(i * tokens, tokens));
    }

    private void Guide(PolicyOutput output)
    {
        var each = Instructions / Pictures;
        for (var own = 0; own < Instructions; own += each)
        {
            Guide(output.Action, own, own + each - 1);
            if (output.Close is { } close) Guide(close, own, own + each - 1);
        }
    }

    private void Guide(Tensor values, int own, int other)
    {
        var count = values.Shape[1];
        var row = values.Span.Slice(own * count, count);
        var against = values.Span.Slice(other * count, count);
        for (var i = 0; i < count; i++) row[i] += Guidance * (row[i] - against[i]);
    }

    private PolicyPlan FindPlan()
    {
        var longest = 0;
        for (var i = 0; i < _words.Length; i++)
            longest = Math.Max(longest, (_words[i] ?? throw new InvalidOperationException(
                $"Policy: {(_words.Length == 1 ? "no instruction was set" : $"instruction {i} was not set")}")).Length / _wordWidth);
        var padded = _words.Length > 1;
        var words = padded ? Math.Min(_trained.Policy.Options.MaxWords, (longest + WordStep - 1) / WordStep * WordStep) : longest;
        var plan = _plans.Find(p => p.Sizes.Words == words);
        if (plan is null)
        {
            plan = new PolicyPlan(_trained.Policy, new PlanSizes(Pictures, Instructions, words, padded), _images, _states,
                Session, _weights, _needs != MonitorNeeds.Nothing, tokens: _needs == MonitorNeeds.StepsAndEffects);
            if (_plans.Count == MostPlans) _plans.RemoveAt(0);
        }
        else
        {
            _plans.Remove(plan);
        }

        _plans.Add(plan);
        Fill(plan);
        plan.SetInstructions();
        return plan;
    }

    private void Fill(PolicyPlan plan)
    {
        var words = plan.Sizes.Words;
        for (var i = 0; i < _words.Length; i++)
        {
            var given = _words[i]!;
            var row = plan.Words.Span.Slice(i * words * _wordWidth, words * _wordWidth);
            given.CopyTo(row);
            row[given.Length..].Clear();
            if (plan.Scores is not { } scores) continue;
            var mask = scores.Span.Slice(i * words, words);
            mask.Fill(float.NegativeInfinity);
            mask[..(given.Length / _wordWidth)].Clear();
        }
    }
}
