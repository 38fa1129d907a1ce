using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Fusion;

/// <summary>One stream over words, visual tokens and a class token, from which the result is read (Kim et al. 2021, ViLT).</summary>
/// <remarks>Beside <see cref="TokenConcatenation"/>, whose result is the whole sequence: here one learned token has to collect it. It
/// stands between words and patches, as the image's class token does in ViLT, whose own result is read from the text's first token.
/// <c>Models/Vilt.cs</c> is the model itself.</remarks>
internal sealed class ViltFusion : FusionStrategy
{
    private readonly Tensor _class;
    private readonly ViltStream _stream;

    /// <summary>What there is to know of it.</summary>
    public static StrategyDescription Description { get; } = new("vilt", "ViLT",
        "ViLT: words and visual tokens in one stream, read from a class token",
        (o, r) => new ViltFusion(o, r))
    { Attends = VisionAttention.Words };

    /// <summary>Makes the strategy.</summary>
    /// <param name="options">Sizes.</param>
    /// <param name="random">Source of the first weights.</param>
    public ViltFusion(FusionOptions options, RandomSource random)
        : base(options)
    {
        _class = AddParameter("class_token", Tensor.Normal([options.Width], random, 0.02f));
        _stream = Add("stream", new ViltStream(options.Layers, options.Transformer, random, variant: options.VisionVariant));
    }

    /// <summary>Words <c>[B, Nl, d]</c> and views <c>[B, Nv, d]</c> to one token <c>[B, 1, d]</c>.</summary>
    protected override FusionOutput Fuse(FusionInput input, Pass pass)
    {
        var batch = input.Language.Batch;
        var image = Tokens.Join([new Tokens(pass.Expand(_class, [batch, 1, Width])).Of(TokenKind.Class), input.JoinViews(pass)], pass);
        var joined = _stream.Join(input.Language, image, pass);
        var tokens = _stream.Normalize(_stream.HiddenStates(joined, pass, joined.Attending(joined))[^1], pass);
        return new FusionOutput(new Tokens(pass.Reshape(_stream.Pool(tokens, input.Language.Count, pass), [batch, 1, Width])));
    }
}
