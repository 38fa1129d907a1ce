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

    /// <summary>Sets the instruction of an observation; it stays until set anew.</summary>
    /// <param name="index">Which observation.</param>
    /// <param name="instruction">What the robot is to do.</param>
    /// <param name="allowUnknown">Whether an instruction is accepted that has no word of the training instructions.</param>
    /// <exception cref="ArgumentException">There is no word, there are too many, or none is known.</exception>
    public InstructionWords SetInstruction(int index, string instruction, bool allowUnknown = false) =>
        _runner.SetInstruction(index, instruction, allowUnknown);

    /// <summary>Encodes an observation; an observation that is refused changes nothing.</summary>
    /// <param name="index">Which observation.</param>
    /// <param name="observation">A picture of every camera and the robot's state.</param>
    /// <exception cref="ArgumentException">A camera is unknown or missing, or the state has another length or holds what is no
    /// number.</exception>
    public void Observe(int index, Observation observation) => _runner.Observe(index, observation);

    /// <summary>Computes a step for all observations.</summary>
    /// <exception cref="InvalidOperationException">An instruction was not set.</exception>
    public void Act() => _runner.Run();
}
