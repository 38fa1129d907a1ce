namespace CrossModal.Policies;

/// <summary>A part of a control step.</summary>
public enum StepPart
{
    /// <summary>Resizing and normalising pictures and states.</summary>
    Preprocessing,

    /// <summary>From the picture to visual tokens.</summary>
    Vision,

    /// <summary>The fusion strategy.</summary>
    Fusion,

    /// <summary>From the fused tokens to the action.</summary>
    Head,
}
