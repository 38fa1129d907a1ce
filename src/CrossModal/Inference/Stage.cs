namespace CrossModal.Inference;

/// <summary>When something is computed: each stage is run anew only when what it depends on changes.</summary>
public enum Stage
{
    /// <summary>Depends on weights alone: computed once, when the plan is made.</summary>
    Constant,

    /// <summary>Depends on the instruction, not on what is seen: computed by <see cref="InferenceSession.SetInstruction"/>.</summary>
    Instruction,

    /// <summary>Depends on what is seen: computed for every frame.</summary>
    Frame,
}
