using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Training;

/// <summary>The usual ways to put a module's trainable parameters into groups; a parameter tied under two names is taken once.</summary>
internal static class ParameterGroups
{
    /// <summary>One group of everything.</summary>
    public static IReadOnlyList<ParameterGroup> All(Module module, double decay = 0) => [new(Trainable(module), decay)];

    /// <summary>Decay for matrices only: biases, scales and other parameters of fewer than two axes get none.</summary>
    /// <param name="module">The module.</param>
    /// <param name="decay">Weight decay of the parameters that have at least two axes.</param>
    public static IReadOnlyList<ParameterGroup> WithoutDecayOnVectors(Module module, double decay)
    {
        var parameters = Trainable(module);
        return
        [
            new([.. parameters.Where(p => p.Value.Shape.Rank >= 2)], decay),
            new([.. parameters.Where(p => p.Value.Shape.Rank < 2)]),
        ];
    }

    private static KeyValuePair<string, Tensor>[] Trainable(Module module)
    {
        ArgumentNullException.ThrowIfNull(module);
        var seen = new HashSet<Tensor>(ReferenceEqualityComparer.Instance);
        return [.. module.Parameters().Where(p => p.Value.RequiresGradient && seen.Add(p.Value))];
    }
}
