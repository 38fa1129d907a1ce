using System.Text.Json.Serialization;
using CrossModal.Tabletop.Language;

namespace CrossModal.Tabletop.Pretraining;

/// <summary>How a policy's vision encoder, text encoder and fusion are pre-trained on captions and scenes.</summary>
/// <remarks>The loss is the sum of the objectives' mean losses. Scenes are those of training: no held-out pair is ever seen or
/// named.</remarks>
internal sealed record PretrainingRecipe
{
    /// <summary>Steps of the optimiser.</summary>
    public int Steps { get; init; } = 2000;

    /// <summary>Scenes in a batch, one caption each; every one is contrasted with all others.</summary>
    public int Scenes { get; init; } = 32;

    /// <summary>The objectives.</summary>
    public PretrainingObjectives Objectives { get; init; } = PretrainingObjectives.All;

    /// <summary>Width of the space captions and scenes are compared in.</summary>
    public int Embedding { get; init; } = 64;

    /// <summary>Embeddings of earlier batches that each batch is contrasted with, made by averaged weights; 0 for none; otherwise a
    /// multiple of <see cref="Scenes"/>.</summary>
    public int Queue { get; init; }

    /// <summary>Decay of the averaged weights, which are also what is kept in the end.</summary>
    public double Momentum { get; init; } = 0.995;

    /// <summary>Largest learning rate of AdamW, after 100 steps of warm-up; a cosine takes it to 0.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Seed of weights and data.</summary>
    public ulong Seed { get; init; }

    /// <summary>Language of the captions. English alone is not written: stored configurations are older than the choice.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public InstructionLanguage Language { get; init; }

    /// <summary>Share of words that are hidden (Devlin et al. 2019).</summary>
    internal const float HiddenWords = 0.15f;

    /// <summary>Share of patches that are hidden; scenes are mostly empty board, so more than in BERT and less than in SimMIM.</summary>
    internal const float HiddenPatches = 0.4f;

    /// <summary>Throws unless every number is in its range.</summary>
    /// <exception cref="ArgumentException">A number is not; the message names it.</exception>
    internal void Check()
    {
        Require(Enum.IsDefined(Language), $"the language must be English, Chinese or Both, got {Language}");
        Require(Steps >= 1, $"at least 1 step is needed, got {Steps}");
        Require(LearningRate is >= 0 and <= float.MaxValue, $"the learning rate must be at least 0 and finite, got {LearningRate}");
        Require(Momentum is >= 0 and < 1, $"the momentum must be in [0, 1), got {Momentum}");
        Require(Scenes >= 2, $"at least 2 scenes are needed as contrast, got {Scenes}");
        Require(Embedding >= 1, $"the embedding must be at least 1 wide, got {Embedding}");
        Require(Objectives != PretrainingObjectives.None, $"at least one objective is needed");
        Require(Queue >= 0 && Queue % Scenes == 0, $"the queue must be a multiple of {Scenes} scenes, got {Queue}");
        Require(Queue == 0 || Objectives.HasFlag(PretrainingObjectives.Contrastive),
            $"a queue serves the contrastive objective, which is off");
    }

    private static void Require(bool condition, FormattableString otherwise)
    {
        if (!condition) throw new ArgumentException($"PretrainingRecipe: {FormattableString.Invariant(otherwise)}");
    }
}
