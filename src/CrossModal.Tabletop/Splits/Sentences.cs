namespace CrossModal.Tabletop.Splits;

/// <summary>How instructions are worded.</summary>
internal enum Sentences
{
    /// <summary>As in training.</summary>
    Trained,

    /// <summary>Words of the task's training sentences in sentences never trained on.</summary>
    UnseenTemplates,

    /// <summary>Training sentences that name things by words never trained on ("the crimson mug").</summary>
    UnseenWords,
}
