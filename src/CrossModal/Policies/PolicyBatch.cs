namespace CrossModal.Policies;

/// <summary>Several observations, each with its own instruction, computed in one call; for evaluation and serving.</summary>
/// <remarks>Results equal those of one <see cref="Policy"/> for each up to rounding. For one thread at a time.</remarks>
public sealed class PolicyBatch
{
    private readonly PolicyRunner _runner;

    internal PolicyBatch(PolicyRunner runner) => _runner = runner;

    /// <summary>How many observations.</summary>
    public int Count => _runner.Instructions;

    /// <summary>The decision for an observation; overwritten by the next call of <see cref="Act"/>.</summary>
    public Decision this[int index] => _runner[index];

    /// <summary>Sets the instruction of an observation, which begins an episode; it stays until set anew.</summary>
    /// <param name="index">Which observation.</param>
    /// <param name="instruction">What the robot is to do.</param>
    /// <param name="allowUnknown">Whether an instruction is accepted that has no word of the training instructions.</param>
    /// <exception cref="ArgumentException">There is no word, there are too many, or none is known.</exception>
    public InstructionWords SetInstruction(int index, string instruction, bool allowUnknown = false)
    {
        var words = _runner.SetInstruction(index, instruction, allowUnknown);
        _runner.Follow(index);
        return words;
    }

    /// <summary>Begins an episode with the instruction that an observation has: a policy with past frames forgets those before.</summary>
    /// <param name="index">Which observation.</param>
    public void Reset(int index) => _runner.Follow(index);

    /// <summary>Encodes an observation; an observation that is refused changes nothing.</summary>
    /// <param name="index">Which observation.</param>
    /// <param name="observation">A picture of every camera and the robot's state.</param>
    /// <exception cref="ArgumentException">A camera is unknown or missing, or the state has another length or holds what is no
    /// number.</exception>
    public void Observe(int index, Observation observation) => _runner.Observe(index, observation);

    /// <summary>What is kept of the earlier pictures of an observation's episode; null for a policy without past frames.</summary>
    internal PastMemory? Past(int index) => _runner.Past(index);

    /// <summary>Goes on with another episode in the place of an observation.</summary>
    internal void Follow(int index, PastMemory? past) => _runner.Follow(index, past);

    /// <summary>Computes a step for all observations.</summary>
    /// <exception cref="InvalidOperationException">An instruction was not set.</exception>
    public void Act() => _runner.Run();
}
