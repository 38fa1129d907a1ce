namespace CrossModal.Experiments.Cells;

/// <summary>Yes or no for every episode, kept as text: eight episodes a byte, the first in the highest bit, base64.</summary>
internal static class EpisodeBits
{
    private const int BitsPerByte = 8;

    /// <summary>Writes the answers as text.</summary>
    public static string Encode(IReadOnlyList<bool> answers)
    {
        ArgumentNullException.ThrowIfNull(answers);
        var bytes = new byte[(answers.Count + BitsPerByte - 1) / BitsPerByte];
        for (var i = 0; i < answers.Count; i++)
            if (answers[i]) bytes[i / BitsPerByte] |= (byte)(0x80 >> (i % BitsPerByte));
        return Convert.ToBase64String(bytes);
    }

    /// <summary>Reads the answers of a number of episodes.</summary>
    /// <exception cref="FormatException">The text is not base64, or not of that many episodes.</exception>
    public static bool[] Decode(string text, int episodes)
    {
        ArgumentNullException.ThrowIfNull(text);
        var bytes = Convert.FromBase64String(text);
        if (bytes.Length != (episodes + BitsPerByte - 1) / BitsPerByte)
            throw new FormatException($"EpisodeBits: {bytes.Length} bytes are not the answers of {episodes} episodes");
        var answers = new bool[episodes];
        for (var i = 0; i < episodes; i++) answers[i] = (bytes[i / BitsPerByte] & (0x80 >> (i % BitsPerByte))) != 0;
        return answers;
    }
}
