using CrossModal.Engine.Tensors;

namespace CrossModal.Training;

/// <summary>Parameters that an optimiser treats alike.</summary>
/// <param name="Parameters">Parameters with their checkpoint names, in a fixed order.</param>
/// <param name="WeightDecay">Strength of the weight decay.</param>
/// <param name="LearningRateFactor">What the optimiser's learning rate is multiplied by for this group.</param>
public sealed record ParameterGroup(
    IReadOnlyList<KeyValuePair<string, Tensor>> Parameters, double WeightDecay = 0, double LearningRateFactor = 1);
