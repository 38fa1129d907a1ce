using System.Text;

namespace CrossModal.Language;

/// <summary>Cuts a word into the longest pieces of the vocabulary, from its beginning; pieces after the first carry a prefix. A word that
/// cannot be cut so, or is too long, is one unknown piece.</summary>
/// <remarks>Source followed: Hugging Face tokenizers, models/wordpiece.</remarks>
/// <param name="vocabulary">The pieces.</param>
/// <param name="unknown">Number of the unknown piece.</param>
/// <param name="prefix">What pieces after the first begin with: <c>##</c>.</param>
/// <param name="longestWord">The most characters a word may have.</param>
internal sealed class WordPiece(SubwordVocabulary vocabulary, int unknown, string prefix, int longestWord) : ISubwordModel
{
    private readonly byte[] _prefix = Encoding.UTF8.GetBytes(prefix);

    /// <inheritdoc/>
    public SubwordVocabulary Vocabulary => vocabulary;

    /// <inheritdoc/>
    public void Split(string word, List<int> ids)
    {
        var before = ids.Count;
        if (word.EnumerateRunes().Count() > longestWord)
        {
            ids.Add(unknown);
            return;
        }

        // The prefix is written over the bytes before each piece, which are done with.
        var bytes = new byte[_prefix.Length + Encoding.UTF8.GetByteCount(word)];
        Encoding.UTF8.GetBytes(word, bytes.AsSpan(_prefix.Length));
        for (var start = _prefix.Length; start < bytes.Length;)
        {
            var from = start;
            if (start > _prefix.Length) _prefix.CopyTo(bytes, from = start - _prefix.Length);
            var end = bytes.Length;
            var id = -1;
            for (; end > start; end--)
            {
                // Pieces end between characters.
                if (end < bytes.Length && (bytes[end] & 0xC0) == 0x80) continue;
                id = vocabulary.Find(bytes.AsSpan(from, end - from));
                if (id >= 0) break;
            }

            if (id < 0)
            {
                ids.RemoveRange(before, ids.Count - before);
                ids.Add(unknown);
                return;
            }

            ids.Add(id);
            start = end;
        }
    }
}
