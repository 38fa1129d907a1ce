namespace CrossModal.Cli.Texts;

/// <summary>How the textbook's table rates what a strategy does with what it was not trained on.</summary>
internal enum Generalization
{
    /// <summary>Poor.</summary>
    Poor,

    /// <summary>Medium.</summary>
    Medium,

    /// <summary>Good.</summary>
    Good,

    /// <summary>Excellent.</summary>
    Excellent,
}
