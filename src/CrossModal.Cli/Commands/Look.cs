using CrossModal.Checkpoints;
using CrossModal.Explain;
using CrossModal.Imaging;
using CrossModal.Policies;

namespace CrossModal.Cli.Commands;

/// <summary>One look at a photograph, of a policy or a published model: where each word of the instruction looks.</summary>
/// <param name="Photo">The photograph, or the part of it that the model sees, shrunk if it was very large.</param>
/// <param name="Letterbox">How it went into the policy's square; null when the model sees all of <paramref name="Photo"/>, and nothing else.</param>
/// <param name="Words">The words of the instruction.</param>
/// <param name="Unknown">Those the policy or model never learned.</param>
/// <param name="Maps">Layer by layer, where the words look.</param>
/// <param name="SeenAs">Width and height of what is seen, in pixels of the model's input.</param>
internal sealed record Look(
    RgbImage Photo, Letterbox? Letterbox, IReadOnlyList<string> Words, IReadOnlyList<string> Unknown, IReadOnlyList<WordMap> Maps, (int Width, int Height) SeenAs)
{
    // A policy sees a few hundred pixels at most; larger photographs would only make pictures slow to draw.
    private const int LongestSide = 1280;

    /// <summary>The action, in the units the policy was trained with; null for a model that does not act.</summary>
    public float[]? Action { get; init; }

    /// <summary>The camera, where there are several.</summary>
    public string? Camera { get; init; }

    /// <summary>What a number says about text and photograph, and the number; null when none does.</summary>
    public (string Meaning, double Value)? Score { get; init; }

    /// <summary>How many pieces of words at the instruction's end found no room.</summary>
    public int Dropped { get; init; }

    /// <summary>Lets a published model look.</summary>
    /// <param name="model">The model.</param>
    /// <param name="photo">A photograph of any size; it is prepared as the checkpoint says.</param>
    /// <param name="instruction">What is asked.</param>
    /// <exception cref="ArgumentException">The model cannot be asked this, or the instruction has no word.</exception>
    public static Look At(PublishedModel model, RgbImage photo, string instruction)
    {
        var found = WordsInPicture.Look(model, photo, instruction);
        var seen = found.Seen;
        return new Look(Shrink(Cut(photo, seen), LongestSide), null, found.Words, found.Unknown, found.Maps, (seen.Pixels.Shape[3], seen.Pixels.Shape[2]))
        {
            Score = found.Score, Dropped = found.Dropped,
        };
    }

    /// <summary>Runs a policy on a picture of each of its cameras.</summary>
    /// <param name="trained">The policy.</param>
    /// <param name="photos">A photograph of any size for each camera, in the policy's order.</param>
    /// <param name="instruction">What is asked.</param>
    /// <param name="proprioception">The robot's state in the units of training; null for the mean of the training data.</param>
    /// <returns>One for each camera, with the maps over its picture.</returns>
    /// <exception cref="ArgumentException">The instruction is empty or too long, proprioception has another length, or the policy's
    /// strategy has no attention from words to patches.</exception>
    public static IReadOnlyList<Look> At(TrainedPolicy trained, IReadOnlyList<RgbImage> photos, string instruction, float[]? proprioception)
    {
        using var policy = Policy.Of(trained, new PolicyRunOptions { KeepFrames = false });
        var words = policy.SetInstruction(instruction, allowUnknown: true);
        if (proprioception is not null && proprioception.Length != policy.States.Count)
            throw new ArgumentException($"--proprioception: the policy takes {policy.States.Count} numbers, got {proprioception.Length}");
        var observation = new Observation { State = proprioception ?? trained.States?.Mean };
        for (var i = 0; i < photos.Count; i++) observation = observation.With(policy.Cameras[i], photos[i]);
        var decision = policy.Act(observation);
        var maps = policy.Maps();
        if (maps.Count == 0) throw new ArgumentException($"the policy's strategy '{trained.Policy.Options.Strategy}' has no attention from words to patches");
        return [.. photos.Select((photo, camera) =>
        {
            var shown = Shrink(photo, LongestSide);
            var letterbox = Letterbox.Fit(shown.Width, shown.Height, policy.ImageSize);
            return new Look(shown, letterbox, words.Words, words.Unknown, [.. maps.Where(m => m.View == camera)], (letterbox.ContentWidth, letterbox.ContentHeight))
            {
                Action = decision.Action.ToArray(), Camera = photos.Count > 1 ? policy.Cameras[camera] : null,
            };
        })];
    }

    /// <summary>The share of a word's attention that lies on patches of padding, 0–1.</summary>
    public double OnPadding(WordMap map, ReadOnlySpan<float> weights)
    {
        if (Letterbox is null) return 0;
        var (on, total) = (0.0, 0.0);
        for (var i = 0; i < weights.Length; i++)
        {
            on += weights[i] * Letterbox.PaddingShare(i / map.Grid.Columns, i % map.Grid.Columns, map.Grid.Rows, map.Grid.Columns);
            total += weights[i];
        }

        return total > 0 ? on / total : 0;
    }

    /// <summary>The same look over a photograph whose longer side is at most <paramref name="side"/> pixels.</summary>
    public Look Reduced(int side)
    {
        var photo = Shrink(Photo, side);
        return this with { Photo = photo, Letterbox = Letterbox is null ? null : Letterbox.Fit(photo.Width, photo.Height, Letterbox.Size) };
    }

    /// <summary>The part of a photograph that a model sees, to whole pixels; black where it sees padding.</summary>
    private static RgbImage Cut(RgbImage photo, SeenPicture seen)
    {
        var (left, top) = ((int)Math.Round(seen.Left), (int)Math.Round(seen.Top));
        var (width, height) = (Math.Max(1, (int)Math.Round(seen.Right) - left), Math.Max(1, (int)Math.Round(seen.Bottom) - top));
        if (left == 0 && top == 0 && width == photo.Width && height == photo.Height) return photo;
        var cut = new RgbImage(width, height);
        cut.Paste(photo, -left, -top);
        return cut;
    }

    private static RgbImage Shrink(RgbImage photo, int side)
    {
        var scale = (double)side / Math.Max(photo.Width, photo.Height);
        return scale >= 1 ? photo : ImageResize.Resize(
            photo, Math.Max(1, (int)Math.Round(scale * photo.Width)), Math.Max(1, (int)Math.Round(scale * photo.Height)), ResizeFilter.BilinearAntialias);
    }
}
