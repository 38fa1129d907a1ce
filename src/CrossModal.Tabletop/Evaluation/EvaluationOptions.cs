using System.Collections.Immutable;
using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Scenes;

namespace CrossModal.Tabletop.Evaluation;

/// <summary>How many episodes are run, and how.</summary>
public sealed record EvaluationOptions
{
    /// <summary>Number of episodes.</summary>
    public int Episodes { get; init; } = 500;

    /// <summary>Number of the first episode; lets several runs share one set.</summary>
    public int FirstEpisode { get; init; }

    /// <summary>Seed of the experiment.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Episodes that run in lock step, so that the policy can batch them.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>How crowded the scenes are, unless the split says so.</summary>
    public SceneOptions Objects { get; init; } = SceneOptions.Full;

    /// <summary>Pixels along each side of the camera's picture.</summary>
    public int CameraSize { get; init; } = 64;

    /// <summary>Number of camera views.</summary>
    public int Views { get; init; } = 1;

    /// <summary>How light, texture and paint vary from episode to episode.</summary>
    public SceneVariation Variation { get; init; }

    /// <summary>Which instruction each episode is given.</summary>
    public AskedInstruction Asked { get; init; }

    /// <summary>Language of the instructions.</summary>
    public InstructionLanguage Language { get; init; }

    /// <summary>Numbers of the episodes whose frames are kept.</summary>
    public ImmutableHashSet<int> KeepFramesOf { get; init; } = [];
}
