using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Scenes;

namespace CrossModal.Tabletop.Data;

/// <summary>What training samples are made of.</summary>
internal sealed record SampleOptions
{
    /// <summary>Seed of the data set.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Instructions for each state; the same picture with other words and another answer is what makes words matter.</summary>
    public int InstructionsPerState { get; init; } = 3;

    /// <summary>Language of the instructions.</summary>
    public InstructionLanguage Language { get; init; }

    /// <summary>Share of names that leave out colour or shape where the rest finds the thing.</summary>
    public float PartialNames { get; init; }

    /// <summary>Share of objects painted in a colour without a name.</summary>
    public float UnnamedColors { get; init; }

    /// <summary>Share of scenes in which every object has a colour without a name and a shape of its own.</summary>
    public float ShapeLessons { get; init; }

    /// <summary>How crowded the full scenes are.</summary>
    public SceneOptions Objects { get; init; } = SceneOptions.Training;

    /// <summary>Share of states that hold the target.</summary>
    public float HoldingTargetShare { get; init; } = 0.15f;

    /// <summary>Share of states that hold the target where a plate waits for it: half of such a task is carrying and letting go.</summary>
    public float CarryingShare { get; init; } = 0.4f;

    /// <summary>Share of states in the middle of a push, in tasks that do not grasp.</summary>
    public float PushingShare { get; init; } = 0.35f;

    /// <summary>Share of states that hold something else.</summary>
    public float HoldingWrongShare { get; init; } = 0.05f;

    /// <summary>Share of <see cref="StateKind.Near"/> among the states that hold nothing.</summary>
    public float NearShare { get; init; } = 0.35f;

    /// <summary>Share of <see cref="StateKind.Around"/> among the states that hold nothing; the rest is
    /// <see cref="StateKind.Anywhere"/>.</summary>
    public float AroundShare { get; init; } = 0.25f;
}
