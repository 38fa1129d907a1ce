namespace CrossModal.Tabletop.Learning;

/// <summary>What is kept from a policy to learn what it owes to it.</summary>
public enum PolicyControl
{
    /// <summary>Nothing: the policy sees and is told.</summary>
    None,

    /// <summary>The words: every instruction is one unknown word.</summary>
    NoLanguage,

    /// <summary>The picture: every image is black.</summary>
    NoVision,
}
