namespace CrossModal.Tabletop.Evaluation;

/// <summary>Which instruction an episode is given.</summary>
public enum AskedInstruction
{
    /// <summary>Its own.</summary>
    Own,

    /// <summary>That of another episode, in other words than its own; success is still judged by its own goal.</summary>
    OfAnotherEpisode,

    /// <summary>Another one that makes sense in the same scene; success is judged by the new goal. Episodes whose scene allows no other
    /// goal are left out.</summary>
    ForAnotherGoal,
}
