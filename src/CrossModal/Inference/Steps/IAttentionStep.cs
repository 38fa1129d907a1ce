using CrossModal.Engine.Tensors;

namespace CrossModal.Inference;

/// <summary>A step that attends, and can show the weights it uses.</summary>
internal interface IAttentionStep
{
    /// <summary>The layer's path, as a trace names it.</summary>
    string Layer { get; }

    /// <summary>Shape of the weights, <c>[B, H, Nq, Nk]</c>.</summary>
    Shape WeightsShape { get; }

    /// <summary>Where the weights are written when the step runs; null, which costs nothing, unless somebody asks.</summary>
    Tensor? Weights { get; set; }
}
