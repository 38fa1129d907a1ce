using CrossModal.Data;
using CrossModal.Engine.Formats;
using CrossModal.Imaging;
using CrossModal.Models;

namespace CrossModal.Imitation;

/// <summary>Recordings made ready for a policy: split into training and held-out episodes, numbers normalised by what training saw.</summary>
public sealed class RecordedData
{
    /// <summary>One episode in so many is held out.</summary>
    public const int HoldOutEvery = 5;

    private RecordedData(IReadOnlyList<Episode> training, IReadOnlyList<Episode> heldOut, Normalization actions, Normalization? states, WordTokenizer tokenizer) =>
        (Training, HeldOut, Actions, States, Tokenizer) = (training, heldOut, actions, states, tokenizer);

    /// <summary>Episodes to train on.</summary>
    public IReadOnlyList<Episode> Training { get; }

    /// <summary>Episodes to judge on: every fifth.</summary>
    public IReadOnlyList<Episode> HeldOut { get; }

    /// <summary>How actions are normalised.</summary>
    public Normalization Actions { get; }

    /// <summary>How states are normalised; null when there are none.</summary>
    public Normalization? States { get; }

    /// <summary>The words of the training instructions.</summary>
    public WordTokenizer Tokenizer { get; }

    /// <summary>Splits recordings: episodes 5, 10, 15, … are held out.</summary>
    /// <param name="folder">The folder, for errors.</param>
    /// <param name="episodes">All episodes.</param>
    /// <exception cref="FileFormatException">There are fewer than five episodes.</exception>
    public static RecordedData Split(string folder, IReadOnlyList<Episode> episodes)
    {
        ArgumentNullException.ThrowIfNull(episodes);
        if (episodes.Count < HoldOutEvery) throw new FileFormatException(folder, $"holds {episodes.Count} episodes; at least {HoldOutEvery} are needed, one of which is held out");
        var (training, heldOut) = (episodes.Where((_, i) => (i + 1) % HoldOutEvery != 0).ToList(), episodes.Where((_, i) => (i + 1) % HoldOutEvery == 0).ToList());
        return new RecordedData(training, heldOut,
            Normalization.Learn([.. training.SelectMany(e => e.Actions)]),
            training[0].States is null ? null : Normalization.Learn([.. training.SelectMany(e => e.States!)]),
            WordTokenizer.Learn(training.Select(e => e.Instruction)));
    }

    /// <summary>A picture as planes of red, green, blue from 0 to 1, fitted into a square with black bars.</summary>
    /// <param name="picture">Any size.</param>
    /// <param name="size">Side of the square.</param>
    /// <param name="planes">Receives <c>[3, size, size]</c>.</param>
    public static void Fill(RgbImage picture, int size, Span<float> planes)
    {
        ArgumentNullException.ThrowIfNull(picture);
        var fitted = picture.Width == size && picture.Height == size ? picture : Letterbox.Fit(picture.Width, picture.Height, size).Apply(picture);
        for (var i = 0; i < size * size; i++)
        for (var c = 0; c < RgbImage.Channels; c++) planes[c * size * size + i] = fitted.Pixels[RgbImage.Channels * i + c] * (1f / 255);
    }
}
