using System.Text.Json.Serialization;
using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Data;
using CrossModal.Tabletop.Language;

namespace CrossModal.Tabletop.Learning;

/// <summary>How a policy learns on the tabletop: behaviour cloning of the expert in random states.</summary>
/// <remarks>
/// The loss is MSE(Δ / 3 cm) + 0.5 · BCE(close, positives counted twice) + 4 · Σ smooth-L1(p̂, β = 0.02, board ±1) over the points shown
/// + the weighted cues. Without the points, which supervise where the thing meant is, moves alone were not learned within the budget.
/// Scenes of one or two objects come first: their share falls from 80 % to 5 % over the first 30 % of the steps. What the levers do is
/// said there.
/// </remarks>
public sealed record TabletopRecipe
{
    /// <summary>Names of the tasks that samples are drawn from.</summary>
    public IReadOnlyList<string> Tasks { get; init; } = ["pick"];

    /// <summary>Steps of the optimiser.</summary>
    public int Steps { get; init; } = 8000;

    /// <summary>Scenes in a batch; one picture each.</summary>
    public int Scenes { get; init; } = 16;

    /// <summary>Instructions for each scene: the same picture with other words and another answer is what makes words matter.</summary>
    public int Instructions { get; init; } = 3;

    /// <summary>Largest learning rate of AdamW, after 100 steps of warm-up unless the recipe has others; a cosine takes it to 0.</summary>
    public double LearningRate { get; init; } = 2e-3;

    /// <summary>Steps of the warm-up; null for 100.</summary>
    [JsonInclude]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    internal int? WarmUp { get; init; }

    /// <summary>Seed of weights and data.</summary>
    public ulong Seed { get; init; }

    /// <summary>Pixels along each side of the cameras' pictures; the number of cameras is the fusion's.</summary>
    public int ImageSize { get; init; } = 64;

    /// <summary>Whether scenes vary in appearance.</summary>
    public SceneVariation Variation { get; init; }

    /// <summary>What is kept from the policy: nothing, the words or the picture.</summary>
    public PolicyControl Control { get; init; }

    /// <summary>Language of the instructions. English alone is not written: stored configurations and keys of cells are older than the
    /// choice.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public InstructionLanguage Language { get; init; }

    /// <summary>What can be switched off.</summary>
    public RecipeLevers Levers { get; init; } = new();

    /// <summary>What its samples are made of.</summary>
    internal SampleOptions Samples => new()
    {
        Seed = Seed,
        Language = Language,
        InstructionsPerState = Instructions,
        PartialNames = Levers.PartialNames,
        UnnamedColors = Levers.UnnamedColors,
        ShapeLessons = Levers.ShapeLessons,
    };

    /// <summary>Throws unless every number is in its range; those of the samples are checked where samples are made.</summary>
    /// <exception cref="ArgumentException">A number is not; the message names the option.</exception>
    internal void Check()
    {
        Require(Steps >= 1, nameof(Steps), Steps, "at least 1");
        Require(Enum.IsDefined(Language), nameof(Language), Language, "English, Chinese or Both");
        Require(Scenes >= 1, nameof(Scenes), Scenes, "at least 1");
        Require(LearningRate is >= 0 and <= float.MaxValue, nameof(LearningRate), LearningRate, "at least 0 and finite");
        Require(Levers.CueWeight is >= 0 and <= float.MaxValue, nameof(Levers.CueWeight), Levers.CueWeight, "at least 0 and finite");
    }

    private static void Require(bool condition, string option, object value, string rule)
    {
        if (!condition) throw new ArgumentException(FormattableString.Invariant($"TabletopRecipe: {option} must be {rule}, got {value}"));
    }

    /// <summary>Share of scenes with one or two objects at a step.</summary>
    public float SmallSceneShare(int step) => 0.8f + (0.05f - 0.8f) * Math.Min(1, step / (0.3f * Steps));
}
