namespace CrossModal.Language;

/// <summary>Cuts a word into pieces of a vocabulary.</summary>
internal interface ISubwordModel
{
    /// <summary>The vocabulary.</summary>
    SubwordVocabulary Vocabulary { get; }

    /// <summary>Adds the numbers of the pieces of a word.</summary>
    void Split(string word, List<int> ids);
}
