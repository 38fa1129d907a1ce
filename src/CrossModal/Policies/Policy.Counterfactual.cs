using CrossModal.Language;

namespace CrossModal.Policies;

/// <content>What the policy would do under other instructions, kept prepared beside its own, and acting by the difference.</content>
public sealed partial class Policy
{
    private const int NoiseDraws = 16;
    private IReadOnlyList<string> _others = [];
    private float _guidance;
    private string? _instead;
    private float _noise = float.NaN;

    /// <summary>Keeps other instructions prepared: every step from now on also computes what the policy would do under each
    /// (<see cref="Decision.Counterfactuals"/>). The picture is encoded once for all.</summary>
    /// <param name="instructions">The other instructions; none to end it. Words that training never had are allowed.</param>
    /// <returns>The words of each, and which of them are unknown.</returns>
    /// <exception cref="ArgumentException">An instruction has no word or too many; nothing changes then.</exception>
    public IReadOnlyList<InstructionWords> Compare(params IReadOnlyList<string> instructions)
    {
        ArgumentNullException.ThrowIfNull(instructions);
        Enter();
        try
        {
            Arrange([.. instructions], _guidance, _instead);
            return [.. _counterfactuals.Select(c => c.Words)];
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Counterfactual guidance: every step from now on acts by a + g(a − a′), where a′ is what the policy would do without words,
    /// or under another instruction (arXiv 2602.17659). The gripper's logit is guided alike.</summary>
    /// <param name="strength">g; 0 ends it.</param>
    /// <param name="instead">The other instruction; without words when null.</param>
    /// <exception cref="ArgumentException">The strength is negative or no number, or the instruction has no word or too many; nothing
    /// changes then.</exception>
    public void Guide(float strength, string? instead = null)
    {
        if (!float.IsFinite(strength) || strength < 0)
            throw new ArgumentException($"Policy: the strength of guidance must be at least 0, got {strength}", nameof(strength));
        Enter();
        try
        {
            Arrange(_others, strength, instead);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Measures how much noise on the pixels changes the action, which counterfactual effects are held against: the largest change
    /// over 16 draws of noise with a deviation of 0.01, rounded to 8 bits.</summary>
    /// <param name="observation">An observation like those of the steps that follow.</param>
    /// <returns>The change in standard deviations of the training data (<see cref="Counterfactual.Effect"/>).</returns>
    /// <exception cref="ArgumentException">The observation is refused, as <see cref="Act(Observation)"/> refuses it.</exception>
    /// <exception cref="InvalidOperationException">No instruction was set, or another thread is using the policy.</exception>
    public float MeasureNoise(Observation observation)
    {
        Enter();
        try
        {
            _runner.Observe(0, observation);
            return _noise = _runner.NoiseFloor(NoiseDraws);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Makes a runner of the instruction and those beside it; when one is refused everything stays as it was.</summary>
    private void Arrange(IReadOnlyList<string> others, float guidance, string? instead)
    {
        var guided = guidance > 0;
        string[] beside = [.. others, .. guided ? [instead ?? WordTokenizer.Unknown] : (string[])[]];
        var runner = new PolicyRunner(_trained, 1, 1 + beside.Length, _options, _weights, Needs)
        {
            Guidance = guidance,
        };
        var words = beside.Select((text, i) => runner.SetInstruction(1 + i, text, allowUnknown: true)).ToList();
        var counterfactuals = others.Select((text, i) => new Counterfactual(text, words[i], runner[1 + i])).ToArray();
        if (others.Count > 0)
        {
            runner.Compared = output =>
            {
                for (var i = 0; i < counterfactuals.Length; i++) counterfactuals[i].Set(output, 0, 1 + i, _noise);
            };
        }

        runner[0].Counterfactuals = counterfactuals;
        runner[0].Monitor = _monitor;
        runner.Follow(0, _runner.Past(0));
        if (_instruction is not null)
        {
            runner.SetInstruction(0, _instruction, allowUnknown: true);
            runner.Prepare();
        }

        (_runner, _others, _guidance, _instead, _counterfactuals) = (runner, others, guidance, instead, counterfactuals);
        (_stepped, _explanation) = (false, null);
    }
}
