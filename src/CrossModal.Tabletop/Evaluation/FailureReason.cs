namespace CrossModal.Tabletop.Evaluation;

/// <summary>Why an episode failed.</summary>
public enum FailureReason
{
    /// <summary>It succeeded.</summary>
    None,
    /// <summary>Its steps ran out.</summary>
    Timeout,
    /// <summary>Something that was not the target was pushed more than 3 cm.</summary>
    MovedOtherObject,
    /// <summary>Something that was not the target was picked up and carried more than 3 cm.</summary>
    WrongObjectLifted,
}
