namespace CrossModal.Tabletop.Learning;

/// <summary>What is kept from a policy to learn what it owes to it.</summary>
public enum PolicyControl
{
    /// <summary>Nothing: the policy has pictures and instructions.</summary>
    None,

    /// <summary>The words: every instruction is one unknown word.</summary>
    NoLanguage,

    /// <summary>The picture: every image is black.</summary>
    NoVision,

    /// <summary>Its own words: it has another episode's instruction, and is judged by its own goal.</summary>
    ShuffledInstruction,

    /// <summary>Its own goal: in the same scene it has, and is judged by, the instruction of another. Of an evaluation only.</summary>
    OtherInstruction,
}
