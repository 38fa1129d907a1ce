using System.Text.Json.Nodes;
using CrossModal.Layers;
using CrossModal.Training;

namespace CrossModal.Policies;

/// <summary>What a <see cref="PolicyTrainer"/> trains, and on which loss: recordings, a simulator, captions.</summary>
public abstract class LossSource
{
    /// <summary>How the model is optimised.</summary>
    public abstract PolicyRecipe Recipe { get; }

    /// <summary>The policy with the model's present weights.</summary>
    public abstract TrainedPolicy Policy { get; }

    /// <summary>The module whose parameters are trained: the policy, unless it is part of a larger model.</summary>
    public virtual Module Model => Policy.Policy;

    /// <summary>What decides the numbers of a run, kept in its folder: a run is gone on with only when it is the same.</summary>
    public abstract JsonNode? Configuration { get; }

    /// <summary>Makes the loss of a number of samples; called for every shard, on its thread.</summary>
    /// <param name="samples">Samples of a part of a batch.</param>
    /// <param name="average">The averaged weights of the run.</param>
    public abstract ReplayedLoss Create(int samples, WeightAverage average);

    /// <summary>What measures how much the action changes with the instruction while the policy is trained; null when there is nothing to
    /// measure it on.</summary>
    internal virtual InstructionEffect? Effect() => null;
}
