namespace CrossModal.Tabletop.Language;

/// <summary>What a word does in its sentence.</summary>
public enum WordKind
{
    /// <summary>An article or a function word.</summary>
    Other,
    /// <summary>Says what to do, its particle included ("pick", "up").</summary>
    Verb,
    /// <summary>A colour.</summary>
    Color,
    /// <summary>A shape.</summary>
    Shape,
    /// <summary>Relates two objects ("left of", "on"), or is a direction ("to the left").</summary>
    Relation,
}
