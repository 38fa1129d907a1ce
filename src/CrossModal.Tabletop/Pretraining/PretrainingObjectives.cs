namespace CrossModal.Tabletop.Pretraining;

/// <summary>The objectives of pre-training.</summary>
[Flags]
internal enum PretrainingObjectives
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Texts and images that belong together are closer than others (symmetric InfoNCE).</summary>
    Contrastive = 1,

    /// <summary>Telling a text's own image from the one most like it, and an image's own text likewise.</summary>
    Matching = 2,

    /// <summary>Saying which word was hidden.</summary>
    Words = 4,

    /// <summary>Painting the patches that were hidden.</summary>
    Patches = 8,

    /// <summary>All of these.</summary>
    All = Contrastive | Matching | Words | Patches,
}
