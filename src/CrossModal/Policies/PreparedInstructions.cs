namespace CrossModal.Policies;

/// <summary>Several instructions that are answered for the same observation, whose pictures are encoded once.</summary>
/// <remarks>For one thread at a time.</remarks>
public sealed class PreparedInstructions
{
    private readonly PolicyRunner _runner;
    private readonly Decision[] _decisions;

    internal PreparedInstructions(PolicyRunner runner, IReadOnlyList<string> instructions)
    {
        _runner = runner;
        Words = [.. instructions.Select((text, i) => runner.SetInstruction(i, text, allowUnknown: true))];
        _decisions = [.. Enumerable.Range(0, instructions.Count).Select(i => runner[i])];
        runner.Prepare();
    }

    /// <summary>The words of each instruction, and which of them are unknown.</summary>
    public IReadOnlyList<InstructionWords> Words { get; }

    /// <summary>Begins an episode: a policy with past frames forgets those before.</summary>
    public void Reset() => _runner.Follow(0);

    /// <summary>Computes the action of each instruction.</summary>
    /// <param name="observation">A picture of every camera and the robot's state.</param>
    /// <returns>The decisions in the order of the instructions; the same objects every time, overwritten by the next call.</returns>
    /// <exception cref="ArgumentException">A camera is unknown or missing, or the state has another length or holds what is no
    /// number.</exception>
    public IReadOnlyList<Decision> Act(Observation observation)
    {
        _runner.Observe(0, observation);
        _runner.Run();
        return _decisions;
    }
}
