using CrossModal.Attention;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Fusion;

/// <summary>What a strategy fuses.</summary>
/// <param name="Language">Words <c>[B, Nl, d]</c>.</param>
/// <param name="Views">Visual tokens of one camera or more, each <c>[B, Nv, d]</c>; null for a camera that is missing.</param>
public sealed record FusionInput(Tokens Language, IReadOnlyList<Tokens?> Views)
{
    /// <summary>Words and the tokens of one camera.</summary>
    public FusionInput(Tokens language, Tokens vision)
        : this(language, [vision])
    {
    }

    /// <summary>The visual tokens of all cameras, joined end to end.</summary>
    /// <exception cref="ShapeException">There is no view.</exception>
    public Tokens JoinViews(Pass pass)
    {
        var present = Views.OfType<Tokens>().ToList();
        return present.Count > 0 ? Tokens.Join(present, pass) : throw new ShapeException("Fusion", "there is no view to attend to");
    }
}

/// <summary>What came out of a strategy.</summary>
/// <param name="Fused">The fused tokens, to read an action from.</param>
/// <param name="Named">Further results by name, such as the vision stream of co-attention.</param>
public sealed record FusionOutput(Tokens Fused, IReadOnlyDictionary<string, Tensor> Named)
{
    /// <summary>Fused tokens and nothing else.</summary>
    public FusionOutput(Tokens fused)
        : this(fused, new Dictionary<string, Tensor>())
    {
    }
}

/// <summary>A way to fuse words with what cameras see: words and their padding, views and theirs, in; fused tokens out.</summary>
/// <remarks>Padding never changes a result, and a view that is missing is as if it had never been there. A view without tokens, or an
/// instruction without words, is padding alone, and so are the fused tokens that would stand for it. A strategy with a trace in its pass
/// writes the weights of each of its attentions to it. Strategies that know one set of visual tokens attend to all views joined.</remarks>
public abstract class FusionStrategy : Module
{
    /// <summary>Makes a strategy of a token width.</summary>
    protected FusionStrategy(int width) => Width = width;

    /// <summary>Makes a strategy of these sizes.</summary>
    protected FusionStrategy(FusionOptions options)
        : this((options ?? throw new ArgumentNullException(nameof(options))).Width) => EmptyView = options.Vision.Grid?.Count ?? 1;

    /// <summary>Width d of all tokens.</summary>
    public int Width { get; }

    /// <summary>How many tokens of padding stand for a view without tokens: as many as the strategy can lay out.</summary>
    internal int EmptyView { get; private protected init; } = 1;

    /// <summary>Computes the fused tokens of words and views.</summary>
    /// <param name="input">Words and views.</param>
    /// <param name="pass">The pass.</param>
    /// <exception cref="ShapeException">Widths, batch sizes or masks do not fit.</exception>
    public FusionOutput Forward(FusionInput input, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(pass);
        var who = GetType().Name;
        input.Language.Check(who, "language", Width);
        for (var i = 0; i < input.Views.Count; i++)
        {
            if (input.Views[i] is not { } view) continue;
            view.Check(who, $"view {i}", Width);
            if (view.Batch != input.Language.Batch)
                throw new ShapeException(who, $"batch sizes differ: language {input.Language.Values.Shape}, view {i} {view.Values.Shape}");
        }

        return Fuse(new FusionInput(Stated(input.Language, new TokenRun(TokenKind.Words, 1)),
            [.. input.Views.Select((view, i) => view is null ? null : Stated(view,
                new TokenRun(TokenKind.Patches, EmptyView) { View = i }))]), pass);
    }

    /// <summary>Fuses words with one camera's tokens.</summary>
    public FusionOutput Forward(Tokens language, Tokens vision, Pass pass) => Forward(new FusionInput(language, vision), pass);

    /// <summary>Tokens that say what they are; padding for none.</summary>
    /// <param name="tokens">Tokens.</param>
    /// <param name="run">What they are unless they say so themselves, and how many of padding stand for none.</param>
    private Tokens Stated(Tokens tokens, TokenRun run)
    {
        if (tokens.Count == 0)
            return new Tokens(Tensor.Zeros([tokens.Batch, run.Count, Width]),
            Mask.KeyPadding(new bool[tokens.Batch, run.Count]))
            { Content = [run] };
        return tokens.Content is null ? tokens with { Content = [run with { Count = tokens.Count }] } : tokens;
    }

    /// <summary>Fuses what has been checked.</summary>
    protected abstract FusionOutput Fuse(FusionInput input, Pass pass);
}
