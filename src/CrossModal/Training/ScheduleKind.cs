namespace CrossModal.Training;

/// <summary>What the learning rate does after its warm-up.</summary>
internal enum ScheduleKind
{
    /// <summary>It stays.</summary>
    Constant,

    /// <summary>It falls in a straight line to 0.</summary>
    Linear,

    /// <summary>It falls along a polynomial, to 0 or a part of itself.</summary>
    Polynomial,

    /// <summary>It follows a cosine.</summary>
    Cosine,

    /// <summary>It falls along a cosine to 0, several times, jumping back to 1 between.</summary>
    CosineWithRestarts,
}
