using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Cli.Diagnosis;

/// <summary>One step that a policy is examined on: of a scene of the tabletop, or of a recording.</summary>
/// <param name="Pictures">The pictures.</param>
/// <param name="State">The robot's state; null for a policy that takes none.</param>
/// <param name="Words">The words of the instruction.</param>
/// <param name="Elsewhere">Pictures of another scene or recording.</param>
internal sealed record DoctorCase(PictureWindow Pictures, float[]? State, IReadOnlyList<string> Words, PictureWindow Elsewhere)
{
    /// <summary>Words of an instruction that asks for something else; null when there is none.</summary>
    public IReadOnlyList<string>? Other { get; init; }

    /// <summary>Words of an instruction that asks for the same; null when none is known.</summary>
    public IReadOnlyList<string>? Reworded { get; init; }

    /// <summary>What each word does in its sentence; null of recordings, where that is not known.</summary>
    public IReadOnlyList<WordKind>? Kinds { get; init; }

    /// <summary>The scene with its masks; null of recordings.</summary>
    public MaskedScene? Scene { get; init; }
}

/// <summary>A scene of the tabletop with exact masks: at its start, or of a policy with past frames at the first step that has them
/// all.</summary>
/// <param name="Own">The episode, as if it started at the step.</param>
/// <param name="Other">The same scene under the other instruction.</param>
/// <param name="Frames">A picture of each camera, with masks.</param>
internal sealed record MaskedScene(EpisodeSetup Own, EpisodeSetup Other, CameraFrame[] Frames)
{
    /// <summary>Those of the steps before, the step before first.</summary>
    public CameraFrame[][] Past { get; init; } = [];
}
