namespace CrossModal.Tabletop.Data;

/// <summary>How the hand of a training state was placed.</summary>
internal enum StateKind
{
    /// <summary>Low, within ±1.3 cm of an object: where precision is learned.</summary>
    Near,
    /// <summary>Around an object, Gaussian with 2 cm, at any height.</summary>
    Around,
    /// <summary>Anywhere.</summary>
    Anywhere,
    /// <summary>Holding the target of every instruction of the sample.</summary>
    HoldingTarget,
    /// <summary>Holding an object that no instruction of the sample asks for.</summary>
    HoldingWrong,
    /// <summary>Low behind an object, fingers shut, in the middle of pushing it; only of tasks that do not grasp, in place of
    /// <see cref="HoldingTarget"/>.</summary>
    Pushing,
}
