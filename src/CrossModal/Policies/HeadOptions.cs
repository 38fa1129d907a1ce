namespace CrossModal.Policies;

/// <summary>What a policy says besides how to move.</summary>
/// <param name="Points">Points in space it shows before it moves, at most <see cref="MostPoints"/>: first the thing meant, then where it
/// goes; 0 for a policy that only moves. A policy that points also decides when to close the gripper.</param>
/// <param name="Cues">Numbers predicted of every visual token in training, where labels say what each patch shows; 0 for none. They are
/// a linear reading of the tokens, without words, and nothing that acts depends on them.</param>
public sealed record HeadOptions(int Points = 0, int Cues = 0)
{
    /// <summary>The most points a policy may show.</summary>
    public const int MostPoints = 4;
}
