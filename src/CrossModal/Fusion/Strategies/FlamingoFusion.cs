using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Fusion;

/// <summary>Every camera becomes a few latents; before each layer over the words, words attend to the latents of all cameras through gates
/// that start closed (Alayrac et al. 2022, Flamingo).</summary>
/// <remarks>Every camera stands before the instruction, so every word sees all of them. The layers over the words are trained with the
/// rest; Flamingo's are those of a language model that stays as it is (<c>Models.Flamingo</c>). Maps of words come back to patches by
/// attention rolled out through the resampler (<see cref="LatentRollout"/>). Another way to attend is how latents attend to patches
/// (<see cref="VisionOptions.Attention"/>); words attend to all of the few latents.</remarks>
internal sealed class FlamingoFusion : FusionStrategy
{
    private readonly PerceiverResampler _resampler;
    private readonly GatedLayers _layers;

    /// <summary>What there is to know of it.</summary>
    public static StrategyDescription Description { get; } = new("flamingo", "Flamingo",
        "a few latents for each camera, to which words attend through gates that start closed",
        (o, r) => new FlamingoFusion(o, r))
    { Attends = VisionAttention.Words };

    /// <summary>Makes the strategy.</summary>
    /// <param name="options">Sizes; <see cref="FusionOptions.Layers"/> holds for the resampler and for the words,
    /// <see cref="FusionOptions.Latents"/> for each camera.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <exception cref="ShapeException">The heads do not divide the width.</exception>
    public FlamingoFusion(FusionOptions options, RandomSource random)
        : base(options)
    {
        _resampler = Add("resampler", new PerceiverResampler(new ResamplerOptions(options.Width, options.Latents, options.Layers)
        {
            Heads = options.Heads,
            HeadWidth = GatedLayers.HeadWidth(nameof(FlamingoFusion), options),
            Hidden = options.Hidden,
        }, random, options.VisionVariant));
        _layers = new GatedLayers(nameof(FlamingoFusion), options, variant: null, random);
        Add("gated", _layers.Gated);
        Add("language", _layers.Language);
        Add("norm", _layers.Norm);
    }

    /// <summary>Words <c>[B, Nl, d]</c> and views <c>[B, Nv, d]</c> to words <c>[B, Nl, d]</c>.</summary>
    protected override FusionOutput Fuse(FusionInput input, Pass pass) =>
        new(_layers.Forward(input.Language, Resampled(input, pass), pass));

    /// <summary>The latents of all cameras; a trace learns what of the cameras' tokens is in each.</summary>
    private Tokens Resampled(FusionInput input, Pass pass)
    {
        var views = input.Views.OfType<Tokens>().ToList();
        var before = pass.Trace?.Entries.Count ?? 0;
        var latents = new FusionInput(input.Language, [.. views.Select(view => _resampler.Reduce(view, pass))]).JoinViews(pass);
        return latents.MadeOf(Tokens.Contents(views), _resampler.Path, trace => [.. trace.Entries.Skip(before).Select(e => e.Value)],
            layers => Shares(layers, views, latents), (layers, recording) => RecordShares(layers, views, latents.Batch, recording), pass);
    }

    /// <summary>The shares as operations: those of a camera's latents in its own tokens, zeros in the others'.</summary>
    private Tensor RecordShares(IReadOnlyList<Tensor> weights, List<Tokens> views, int batch, Pass pass)
    {
        var (rows, count) = (new List<Tensor>(), _resampler.Latents);
        for (var view = 0; view < views.Count; view++)
        {
            var layers = weights.Skip(view * _layers.Gated.Count).Take(_layers.Gated.Count).ToList();
            var own = RecordedRollout.OfResampler(layers, count, views[view].Count, _resampler.LatentsFirst, pass);
            rows.Add(pass.Concat(2, [.. views.Select((other, i) => i == view ? own : Tensor.Zeros([batch, count, other.Count]))]));
        }

        return pass.Concat(1, [.. rows]);
    }

    private Tensor Shares(IReadOnlyList<Tensor> weights, List<Tokens> views, Tokens latents)
    {
        var (tokens, count, layers) = (views.Sum(v => v.Count), _resampler.Latents, _layers.Gated.Count);
        var map = Tensor.Zeros([latents.Batch, latents.Count, tokens]);
        for (var (view, first) = (0, 0); view < views.Count; first += views[view++].Count)
        {
            var seen = views[view].Count;
            var shares = LatentRollout.OfResampler(weights.Skip(view * layers).Take(layers), latents.Batch, count, seen,
                _resampler.LatentsFirst);
            for (var row = 0; row < latents.Batch * count; row++)
                shares.Span.Slice(row * seen, seen).CopyTo(map.Span[((row / count * latents.Count + view * count + row % count) * tokens
                    + first)..]);
        }

        return map;
    }
}
