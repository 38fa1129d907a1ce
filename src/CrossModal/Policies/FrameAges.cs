using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Layers;

namespace CrossModal.Policies;

/// <summary>The patches of earlier pictures beside those of the current one, each with a learned embedding of its age.</summary>
/// <remarks>A window of past frames as in RT-1 (Brohan et al. 2022, six pictures) and Octo (Ghosh et al. 2024: an embedding of the time
/// step, learned; steps before the episode are masked). Ours: the embedding is added after the vision encoder, and to past patches alone.
/// So a picture's tokens are the same whenever they are used, and a control loop encodes every picture once.</remarks>
internal sealed class FrameAges : Module
{
    /// <summary>The most past frames of a policy.</summary>
    public const int Most = 8;

    private readonly Tensor _ages;
    private readonly int _views;

    /// <summary>Makes the embeddings.</summary>
    /// <param name="options">Sizes and choices of the policy.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <exception cref="ShapeException">There are too many, or the strategy lays tokens out, or has fewer of them.</exception>
    public FrameAges(PolicyOptions options, RandomSource random)
    {
        var count = options.Perception.PastFrames;
        if (count is < 1 or > Most) throw new ShapeException("LanguagePolicy", $"a policy has 0 to {Most} past frames, not {count}");
        if (FusionStrategies.Find(options.Strategy).OnGrid || options.Fusion.Vision.Tokens is not null)
            throw new ShapeException("LanguagePolicy",
                $"there is no place for past frames where patches lie on their grid: '{options.Strategy}', or fewer visual tokens");
        _views = options.Fusion.Views;
        _ages = AddParameter("ages", Tensor.Normal([count, 1, options.Fusion.Width], random, 0.02f));
    }

    /// <summary>K.</summary>
    public int Count => _ages.Shape[0];

    /// <summary>Views with their past patches after their own: <c>V × [B, N, d] → V × [B, N + K·N, d]</c>.</summary>
    /// <param name="views">The patches of the current pictures; a camera that is missing has no past either.</param>
    /// <param name="past">Tokens of past pictures, <c>[S·K·V, N, d]</c>; B is a multiple of S.</param>
    /// <param name="mask">Which frames there are, <c>[S, 1, 1, K]</c>; null when all are.</param>
    /// <param name="pass">The pass.</param>
    public IReadOnlyList<Tokens?> Join(IReadOnlyList<Tokens?> views, Tensor past, Mask? mask, Pass pass)
    {
        var (patches, width) = (past.Shape[1], past.Shape[2]);
        var samples = past.Shape[0] / (Count * _views);
        var apart = pass.Reshape(past, [samples, Count, _views, patches, width]);
        return [.. views.Select((view, number) => view is null ? null : Tokens.Join(
        [
            view with { Content = view.Content ?? [new TokenRun(TokenKind.Patches, view.Count) { View = number }] },
            Of(number, view.Batch),
        ], pass))];

        Tokens Of(int view, int batch)
        {
            var one = pass.Reshape(_views == 1 ? apart : pass.Slice(apart, 2, view, 1), [samples, Count, patches, width]);
            var aged = pass.Reshape(pass.Add(one, _ages), [samples, Count * patches, width]);
            return new Tokens(LanguagePolicy.Repeat(aged, batch, pass), Spread(mask, batch, patches, pass))
            {
                Content = [.. Enumerable.Range(1, Count)
                    .Select(age => new TokenRun(TokenKind.Patches, patches) { View = view, Age = age })],
            };
        }
    }

    /// <summary>Which patches there are, of which frames there are: <c>[S, 1, 1, K] → [B, 1, 1, K·N]</c>.</summary>
    private Mask? Spread(Mask? mask, int batch, int patches, Pass pass)
    {
        if (mask is null) return null;
        var samples = mask.Scores.Shape[0];
        var each = pass.Expand(pass.Reshape(mask.Scores, [samples, 1, Count, 1]), [samples, batch / samples, Count, patches]);
        return Mask.OfScores(pass.Reshape(each, [batch, 1, 1, Count * patches]));
    }
}
