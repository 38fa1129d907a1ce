using CrossModal.Attention;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;

namespace CrossModal.Inference;

/// <summary>A strategy compiled for a control loop: the instruction is set once, then frames run without allocating.</summary>
/// <remarks>
/// <para>What depends on weights alone is computed when compiling, what depends on the instruction in <see cref="SetInstruction"/>, the
/// rest in <see cref="Run"/>. Projections of the many visual tokens are absorbed into the few words that attend to them wherever that is
/// expected to be faster: scores (L Wq)(V Wk)ᵀ = (L Wq Wkᵀ) Vᵀ, results A (V Wv) = (A V) Wv. Results equal those of the eager pass up to
/// rounding.</para>
/// <para>Weights are copied: training the strategy further does not change the session. Each combination of sizes (words, visual tokens,
/// which views are there, which masks are given) gets a plan of its own at first use; the last sixteen are kept. A session serves one
/// thread at a time; <see cref="Share"/> gives another thread one over the same packed weights.</para>
/// </remarks>
public sealed class InferenceSession
{
    private const int MostPlans = 16;
    private readonly FusionStrategy _strategy;
    private readonly SessionOptions _options;
    private readonly CompiledWeights _weights;
    private readonly int _longest;
    private readonly List<FusionPlan> _plans = [];
    private readonly FrameMark _mark = new();
    private FusionPlan _plan;
    private Tokens _language;
    private Tokens?[] _views;
    private long _instruction;
    private long _uses;
    private int _busy;

    private InferenceSession(FusionStrategy strategy, Tokens language, ReadOnlySpan<Tokens?> views, int longest, SessionOptions options,
        CompiledWeights weights)
    {
        (_strategy, _options, _weights, _longest) = (strategy, options, weights, longest);
        _language = Copy(language);
        _views = views.ToArray();
        _plan = Find(_views);
    }

    /// <summary>The paths of the layers that attend, as a trace names them, in the order in which the strategy has them.</summary>
    public IReadOnlyList<string> AttentionLayers => [.. _plan.Compiled.AttentionLayers];

    /// <summary>Bytes of packed weights, shared with the sessions made by <see cref="Share"/>.</summary>
    public long WeightBytes => _weights.Bytes;

    /// <summary>Bytes that the plan in use holds beside weights and inputs; kernels hold some scratch for each thread besides.</summary>
    public long WorkingBytes => _plan.Compiled.WorkingBytes;

    /// <summary>Compiles a strategy.</summary>
    /// <param name="model">The strategy, with its weights.</param>
    /// <param name="example">Words <c>[B, Nl, d]</c>, which are the first instruction and set the longest there may be, and views <c>[B,
    /// Nv, d]</c>.</param>
    /// <param name="options">How to compile.</param>
    /// <exception cref="ShapeException">The inputs do not fit the strategy.</exception>
    public static InferenceSession Compile(FusionStrategy model, FusionInput example, SessionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(example);
        return new InferenceSession(model, example.Language, [.. example.Views], example.Language.Count, options ?? new SessionOptions(),
            new CompiledWeights());
    }

    /// <summary>A session for another thread, over the same packed weights, with the same instruction.</summary>
    public InferenceSession Share() => new(_strategy, _language, _views, _longest, _options, _weights);

    /// <summary>Sets the instruction for the frames that follow, and computes what depends on it alone; <see cref="Attention"/> answers
    /// again after the next frame.</summary>
    /// <param name="language">Words <c>[B, Nl, d]</c>, at most as many as were compiled for; copied.</param>
    /// <exception cref="ShapeException">There are more words than were compiled for, or they do not fit the strategy or the
    /// views.</exception>
    /// <exception cref="InvalidOperationException">Another thread is using the session.</exception>
    public void SetInstruction(Tokens language)
    {
        ArgumentNullException.ThrowIfNull(language);
        language.Check(nameof(InferenceSession), "language", _strategy.Width);
        if (language.Count > _longest)
            throw new ShapeException(nameof(InferenceSession),
            $"{language.Count} words {language.Values.Shape}, compiled for at most {_longest}");
        Enter();
        try
        {
            var before = _language;
            _language = SameSizes(language, _language) ? CopyInto(language, _language) : Copy(language);
            _instruction++;
            try
            {
                _plan = Find(_views);
            }
            catch (ShapeException)
            {
                _language = before;
                throw;
            }

            // What the last frame computed from the former instruction is gone.
            _mark.Clear();
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Computes a frame.</summary>
    /// <param name="views">Visual tokens of every camera, each <c>[B, Nv, d]</c>, read where they lie; null for a camera that is
    /// missing.</param>
    /// <returns>What the strategy gives; the same memory every time, overwritten by the next frame.</returns>
    /// <exception cref="ShapeException">The views do not fit the strategy or the instruction.</exception>
    /// <exception cref="InvalidOperationException">Another thread is using the session.</exception>
    public FusionOutput Run(params ReadOnlySpan<Tokens?> views)
    {
        Enter();
        try
        {
            if (!_plan.Fits(_language, views)) _plan = Find(views);
            if (views.Length != _views.Length) _views = new Tokens?[views.Length];
            views.CopyTo(_views);
            var output = _plan.Run(views);
            _mark.Set(views);
            return output;
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>The exact weights that an attention used in the last frame, by computing that frame once more; costs nothing unless
    /// asked.</summary>
    /// <param name="layer">Path of the layer, one of <see cref="AttentionLayers"/>.</param>
    /// <param name="run">Which of its runs, when several cameras share the layer.</param>
    /// <returns><c>[B, H, Nq, Nk]</c>, a new tensor.</returns>
    /// <exception cref="KeyNotFoundException">There is no such layer.</exception>
    /// <exception cref="InvalidOperationException">No frame was run since the instruction was set, its views have been overwritten since,
    /// or another thread is using the session.</exception>
    public Tensor Attention(string layer, int run = 0)
    {
        ArgumentNullException.ThrowIfNull(layer);
        ArgumentOutOfRangeException.ThrowIfNegative(run);
        return OfLastFrame(plan => plan.Compiled.Attention(layer, run));
    }

    /// <summary>What a trace of the eager pass would hold of the last frame, by computing that frame once more: the exact weights of every
    /// attention, what its queries and keys are, and the shares of tokens that were made of others. Word maps are read from it
    /// (Explain.WordMap.Read). Attentions whose results nothing reads are not computed and not in it.</summary>
    /// <exception cref="InvalidOperationException">No frame was run since the instruction was set, its views have been overwritten since,
    /// or another thread is using the session.</exception>
    public AttentionTrace ReadTrace() => OfLastFrame(plan => plan.ReadTrace());

    /// <summary>The plan in use: what is hoisted, absorbed and fused, its cost, and the share of time of each step, measured on the last
    /// frame.</summary>
    /// <param name="frames">Frames to measure; they recompute the last one, or the example.</param>
    /// <exception cref="InvalidOperationException">Another thread is using the session.</exception>
    public SessionPlan Explain(int frames = 20)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(frames);
        Enter();
        try
        {
            _plan.Run(_views);
            return _plan.Compiled.Explain(frames);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>The plan for the instruction and views of these sizes, made if there is none, with the instruction computed.</summary>
    private FusionPlan Find(ReadOnlySpan<Tokens?> views)
    {
        FusionPlan? plan = null;
        foreach (var known in _plans)
            if (known.Fits(_language, views)) plan = known;
        if (plan is null)
        {
            plan = new FusionPlan(_strategy, _language, views, _options, _weights);
            if (_plans.Count == MostPlans) _plans.Remove(_plans.MinBy(p => p.Used)!);
            _plans.Add(plan);
        }

        plan.Used = ++_uses;
        if (plan.Instruction != _instruction) plan.SetInstruction(_language, _instruction);
        return plan;
    }

    private T OfLastFrame<T>(Func<FusionPlan, T> read)
    {
        Enter();
        try
        {
            if (!_mark.Matches(_views))
                throw new InvalidOperationException(
                "InferenceSession: no frame to show attention of: run one after the instruction was set, and ask before its views are " +
                "overwritten");
            return read(_plan);
        }
        finally
        {
            Leave();
        }
    }

    private void Enter()
    {
        if (Interlocked.Exchange(ref _busy, 1) != 0)
            throw new InvalidOperationException(
                "InferenceSession: another thread is using this session; Share() gives each thread its own");
    }

    private void Leave() => Volatile.Write(ref _busy, 0);

    private static bool SameSizes(Tokens a, Tokens b) =>
        a.Values.Shape == b.Values.Shape && (a.Mask is null ? b.Mask is null : b.Mask is { } mask
            && mask.Scores.Shape == a.Mask.Scores.Shape);

    private static Tokens Copy(Tokens tokens) =>
        new(tokens.Values.Copy(), tokens.Mask is { } mask ? Mask.OfScores(mask.Scores.Copy()) : null);

    private static Tokens CopyInto(Tokens from, Tokens to)
    {
        from.Values.Span.CopyTo(to.Values.Span);
        from.Mask?.Scores.Span.CopyTo(to.Mask!.Scores.Span);
        return to;
    }
}
