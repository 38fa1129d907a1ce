using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;
using CrossModal.Policies;
using CrossModal.Tabletop.Language;

namespace CrossModal.Tabletop.Learning;

/// <summary>An attention of a policy in which words attend to patches, and how its weights are read as maps.</summary>
/// <param name="Layer">Name of the layer.</param>
/// <param name="Grid">Where the patches lie.</param>
/// <param name="FirstPatch">The first key that is a patch: words come first where both are one sequence.</param>
/// <param name="Pictures">How many pictures the patches are of: the current one, and the past ones of a policy that takes them.</param>
internal sealed record WordAttention(string Layer, TokenGrid Grid, int FirstPatch, int Pictures)
{
    private const float Tiny = 1e-6f;

    /// <summary>All such attentions of a policy, in the order they run.</summary>
    public static IReadOnlyList<WordAttention> Of(LanguagePolicy policy)
    {
        var (options, frames, trace) = (policy.Options, policy.Options.Perception.PastFrames, new AttentionTrace());
        using var pass = Pass.Planning(trace: trace); // what attends to what follows from sizes alone
        var told = Tensor.Zeros(options.TextWidth > 0 ? [1, Vocabulary.MostWords, options.TextWidth] : [1, Vocabulary.MostWords]);
        policy.Forward(new PolicyInput(Tensor.Zeros(policy.ImageShape(1)), told,
            Mask.Lengths([Vocabulary.MostWords], Vocabulary.MostWords),
            Tensor.Zeros([1, options.Proprioception]))
        {
            Past = frames == 0 ? null : new PastFrames(Tensor.Zeros([1, frames, .. policy.ImageShape(1).Skip(1)])),
        }, pass);
        var (grid, tokens) = (policy.Grid, options.Fusion.Vision.Tokens);
        if ((tokens is null ? grid : tokens.GridOf(grid)) is not { } seen) return [];
        var found = new List<WordAttention>();
        foreach (var entry in trace.Entries.DistinctBy(e => e.Key))
        {
            if (entry.QueryTokens is not [{ Kind: TokenKind.Words }, ..]) continue;

            // Words alone or nothing may stand before the patches; tokens that a strategy itself makes of patches lie on no grid.
            if (entry.KeyTokens is not { } keys) continue;
            var before = keys is [{ Kind: TokenKind.Words } words, ..] ? words.Count : 0;
            if (keys.Skip(before > 0 ? 1 : 0).ToList() is { } patches && patches.Count == 1 + frames && patches.TrueForAll(OnGrid))
                found.Add(new WordAttention(entry.Key, seen, before, 1 + frames));
        }

        return found;

        bool OnGrid(TokenRun run) => tokens is null ? run.Kind == TokenKind.Patches
            : run is { Kind: TokenKind.Made, Of: [{ Kind: TokenKind.Patches }] };
    }

    /// <summary>The maps in weights of this layer, the mean over heads: <c>[B, H, Nq, Nk] → [B, Nl, N]</c>, or <c>[B, Nl, (1 + K)·N]</c>
    /// with K past frames, the current picture first; rows summing to 1.</summary>
    public Tensor Read(Tensor weights, Pass pass)
    {
        var maps = pass.Mean(weights, axis: 1);
        if (maps.Shape[1] > Vocabulary.MostWords) maps = pass.Slice(maps, 1, 0, Vocabulary.MostWords);
        if (FirstPatch == 0) return maps;
        maps = pass.Slice(maps, 2, FirstPatch, Pictures * Grid.Count);
        return pass.Divide(maps, pass.Scale(pass.Sum(maps, axis: 2, keepAxis: true), 1, Tiny));
    }
}
