namespace CrossModal.Tabletop.Evaluation;

/// <summary>What a policy means when it shows a point on the board.</summary>
public enum Pointing
{
    /// <summary>It shows none.</summary>
    Nothing,

    /// <summary>Where the expert would be heading.</summary>
    Heading,

    /// <summary>Where the thing meant is.</summary>
    Thing,
}
