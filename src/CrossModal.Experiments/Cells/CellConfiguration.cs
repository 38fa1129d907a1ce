using CrossModal.Policies;
using CrossModal.Tabletop.Learning;
using CrossModal.Tabletop.Pretraining;

namespace CrossModal.Experiments.Cells;

/// <summary>Everything that decides the numbers of one cell of the comparison: a policy, how it learns, how it is judged.</summary>
/// <param name="Policy">What the policy is made of: strategy, sizes, switches.</param>
/// <param name="Recipe">How it learns: tasks, budget, learning rate, seed.</param>
/// <param name="Evaluation">How it is judged.</param>
internal sealed record CellConfiguration(PolicyOptions Policy, TabletopRecipe Recipe, EvaluationPlan Evaluation)
{
    /// <summary>The teacher of a distilled student; null for a policy that learns from the expert alone.</summary>
    public CellTeacher? Teacher { get; init; }

    /// <summary>How its vision encoder, text encoder and fusion were pre-trained on captions; null for weights drawn by chance.</summary>
    public PretrainingRecipe? Pretraining { get; init; }

    /// <summary>Samples (instructions answered) of the whole training.</summary>
    public long Samples => (long)Recipe.Steps * Recipe.Scenes * Recipe.Instructions;
}

/// <summary>Whom a student learns from.</summary>
/// <param name="Key">Key of the teacher's cell.</param>
/// <param name="Distillation">What is learned from it.</param>
internal sealed record CellTeacher(string Key, DistillationOptions Distillation);
