using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Fusion;

/// <summary>The textbook's learned downsampling read literally: a 1×1 convolution that takes tokens for channels, <c>[B, N, d] → [B, M,
/// d]</c>.</summary>
public sealed class TextbookTokenConvolution : Module
{
    private readonly Linear _mix;

    /// <summary>Makes the layer.</summary>
    /// <param name="tokens">Tokens in, N.</param>
    /// <param name="targets">Tokens out, M.</param>
    /// <param name="random">Source of the first weights.</param>
    public TextbookTokenConvolution(int tokens, int targets, RandomSource random) => _mix = Add("mix", new Linear(tokens, targets, random));

    /// <summary>Mixes tokens: <c>[B, N, d] → [B, M, d]</c>.</summary>
    public Tensor Forward(Tensor tokens, Pass pass) => pass.Transpose(_mix.Forward(pass.Transpose(tokens, 1, 2), pass), 1, 2);
}
