using CrossModal.Attention;
using CrossModal.Engine.Tensors;

namespace CrossModal.Fusion;

/// <summary>Which media a text token may attend to.</summary>
internal enum MediaAttention
{
    /// <summary>The last medium before it, or at it.</summary>
    Immediate,

    /// <summary>All media before it, or at it.</summary>
    AllPrevious,
}

/// <summary>Which text tokens may attend to which media, by where the media stand in the text (Alayrac et al. 2022, Flamingo, section
/// 3.1.3).</summary>
internal static class MediaMask
{
    /// <summary>The mask of text with media in it.</summary>
    /// <param name="locations"><c>[B, Nl]</c>, true for the token at which the next medium stands.</param>
    /// <param name="media">Number of media T.</param>
    /// <param name="tokens">Tokens of each medium, M.</param>
    /// <param name="attention">Which of the media before a token it may attend to.</param>
    /// <returns>A mask <c>[B, 1, Nl, T·M]</c>; a token with no such medium may attend to nothing and fetches zeros.</returns>
    public static Mask Of(bool[,] locations, int media, int tokens, MediaAttention attention) =>
        Of(Times(locations), media, tokens, attention);

    /// <summary>The mask of text that follows text with media in it, as when words are generated one by one.</summary>
    /// <param name="locations"><c>[B, N]</c> of the text before, true for the token at which the next medium stands.</param>
    /// <param name="words">Number of tokens that follow, Nl.</param>
    /// <param name="media">Number of media T.</param>
    /// <param name="tokens">Tokens of each medium, M.</param>
    /// <param name="attention">Which of the media before a token it may attend to.</param>
    /// <returns>A mask <c>[B, 1, Nl, T·M]</c>.</returns>
    public static Mask Following(bool[,] locations, int words, int media, int tokens, MediaAttention attention)
    {
        var all = Times(locations);
        var times = new int[all.GetLength(0), words];
        for (var b = 0; b < all.GetLength(0); b++)
            for (var i = 0; i < words; i++) times[b, i] = all.GetLength(1) == 0 ? 0 : all[b, all.GetLength(1) - 1];
        return Of(times, media, tokens, attention);
    }

    /// <summary>How many media stand before each token or at it, <c>[B, Nl]</c>.</summary>
    public static int[,] Times(bool[,] locations)
    {
        ArgumentNullException.ThrowIfNull(locations);
        var times = new int[locations.GetLength(0), locations.GetLength(1)];
        for (var b = 0; b < times.GetLength(0); b++)
        {
            var time = 0;
            for (var i = 0; i < times.GetLength(1); i++) times[b, i] = time += locations[b, i] ? 1 : 0;
        }

        return times;
    }

    private static Mask Of(int[,] times, int media, int tokens, MediaAttention attention)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(media);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(tokens);
        var (batch, words) = (times.GetLength(0), times.GetLength(1));
        var scores = Tensor.Full([batch, 1, words, media * tokens], float.NegativeInfinity);
        for (var b = 0; b < batch; b++)
            for (var i = 0; i < words; i++)
            {
                var last = Math.Min(times[b, i], media);
                var first = attention == MediaAttention.AllPrevious ? 0 : times[b, i] - 1;
                if (first >= 0 && last > first)
                    scores.Span.Slice(((b * words + i) * media + first) * tokens, (last - first) * tokens).Clear();
            }

        return Mask.OfScores(scores);
    }
}
