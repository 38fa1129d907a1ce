using System.Globalization;

namespace CrossModal.Explain.Monitor;

/// <summary>How many numbers of each kind a step of a policy gives a monitor, in the order in which they lie: the fused feature, the
/// normalised action, the gripper's logit, the points, the normalised state, <see cref="AttentionSummary.Length"/> numbers of each
/// attention to patches, and the counterfactual effect.</summary>
/// <param name="Fused">d, width of the mean fused token.</param>
/// <param name="Actions">A, continuous numbers of an action.</param>
/// <param name="Gripper">Whether there is a logit of closing the gripper.</param>
/// <param name="Points">P, points in space that the policy predicts.</param>
/// <param name="States">S, numbers of the robot's state.</param>
/// <param name="Layers">L, attentions to patches.</param>
/// <param name="EffectEvery">K: the step is also computed without words at steps 0, K, 2K, … of an episode, and the effect of that is held
/// in between; 0 for never.</param>
internal sealed record MonitorLayout(int Fused, int Actions, bool Gripper, int Points, int States, int Layers, int EffectEvery)
{
    /// <summary>Numbers of a counterfactual: the change of the action, of the points and of the fused feature.</summary>
    public const int CounterfactualLength = 3;

    private const int MostOfAKind = 4096;

    /// <summary>Where the action begins.</summary>
    public int ActionAt => Fused;

    /// <summary>Where the gripper's logit is, if there is one.</summary>
    public int GripperAt => ActionAt + Actions;

    /// <summary>Where the points begin.</summary>
    public int PointsAt => GripperAt + (Gripper ? 1 : 0);

    /// <summary>Where the state begins.</summary>
    public int StateAt => PointsAt + 3 * Points;

    /// <summary>Where the summaries of attention begin.</summary>
    public int AttentionAt => StateAt + States;

    /// <summary>Where the counterfactual effect begins.</summary>
    public int CounterfactualAt => AttentionAt + AttentionSummary.Length * Layers;

    /// <summary>Numbers in all.</summary>
    public int Count => CounterfactualAt + EffectLength;

    /// <summary>Numbers of the counterfactual effect, if there is one.</summary>
    public int EffectLength => EffectEvery > 0 ? CounterfactualLength : 0;

    /// <summary>What a monitor of this layout is given.</summary>
    public MonitorNeeds Needs => EffectEvery > 0 ? MonitorNeeds.StepsAndEffects : MonitorNeeds.Steps;

    /// <summary>Whether the effect is computed at a step of an episode.</summary>
    /// <param name="step">Steps before it.</param>
    public bool HasEffectAt(int step) => EffectEvery > 0 && step % EffectEvery == 0;

    /// <summary>The layout as a file keeps it.</summary>
    public string ToText() => string.Create(CultureInfo.InvariantCulture,
        $"{Fused} {Actions} {(Gripper ? 1 : 0)} {Points} {States} {Layers} {EffectEvery}");

    /// <summary>Reads a layout; null when the text is none.</summary>
    public static MonitorLayout? Parse(string? text)
    {
        var numbers = (text ?? "").Split(' ').Select(t =>
            int.TryParse(t, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n <= MostOfAKind ? n : -1).ToArray();
        return numbers is [_, _, _, _, _, _, _] && !numbers.Contains(-1)
            ? new MonitorLayout(numbers[0], numbers[1], numbers[2] != 0, numbers[3], numbers[4], numbers[5], numbers[6]) : null;
    }
}
