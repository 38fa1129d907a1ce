using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Attention;

/// <summary>Patches attend to the patches around them, and everything to the words (Beltagy et al. 2020, Longformer, on the grid of
/// patches).</summary>
/// <remarks>A query that is no patch, such as a word or a latent, has no place on the grid: each of its heads attends around the patch that
/// scores highest for it. Finding that patch takes all scores; between patches, pairs outside the window are never touched.</remarks>
/// <param name="grid">Where the patches of a view lie; a square when null.</param>
/// <param name="radius">Rows and columns to each side.</param>
internal sealed class LocalMixer(TokenGrid? grid, int radius) : AttentionMixer
{
    internal override (Tensor Result, Tensor? Weights) Mix(AttentionCall call, Pass pass) =>
        pass.LocalAttention(call.Query, call.Key, call.Values(null), call.Heads,
            new LocalWindow(Layout(grid, call, "LocalAttention"), radius, call.Own), call.Mask?.Scores, call.Options);
}
