using CrossModal.Checkpoints;
using CrossModal.Explain;
using CrossModal.Imaging;
using CrossModal.Policies;

namespace CrossModal.Cli.Commands;

/// <summary>The attention of a policy or a published model over one photograph: the weights of each word of the instruction.</summary>
/// <param name="Photo">The photograph, or the part of it that becomes its input, shrunk if it was very large.</param>
/// <param name="Letterbox">How it went into the policy's square; null when the input is all of <paramref name="Photo"/>, and nothing
/// else.</param>
/// <param name="Words">The words of the instruction.</param>
/// <param name="Unknown">Those the policy or model never learned.</param>
/// <param name="Maps">Layer by layer, the attention weights of the words.</param>
/// <param name="InputSize">Width and height of the photograph in the model's input, in pixels.</param>
internal sealed record AttentionResult(
    RgbImage Photo, Letterbox? Letterbox, IReadOnlyList<string> Words, IReadOnlyList<string> Unknown, IReadOnlyList<WordMap> Maps,
        (int Width, int Height) InputSize)
{
    // The input of a policy has a few hundred pixels at most; larger photographs would only make pictures slow to draw.
    private const int LongestSide = 1280;

    private const string WholeDecision = "(whole decision)";

    /// <summary>The action, in the units the policy was trained with; null for a model that does not act.</summary>
    public float[]? Action { get; init; }

    /// <summary>The camera, where there are several.</summary>
    public string? Camera { get; init; }

    /// <summary>What a number says about text and photograph, and the number; null when none does.</summary>
    public (string Meaning, double Value)? Score { get; init; }

    /// <summary>How many pieces of words at the instruction's end found no room.</summary>
    public int Dropped { get; init; }

    /// <summary>Measures whether a word's weights over the patches, camera after camera, are faithful; null for a model that does not
    /// act.</summary>
    public Func<float[], Faithfulness?>? Measure { get; init; }

    /// <summary>How many cameras there are.</summary>
    public int Cameras { get; init; } = 1;

    /// <summary>The maps over all cameras' pictures.</summary>
    public IReadOnlyList<WordMap> OfAllCameras { get; init; } = [];

    /// <summary>Whether a word's map is faithful, judged with those of the same layer over the other cameras.</summary>
    /// <param name="map">One of <see cref="Maps"/>.</param>
    /// <param name="word">The word.</param>
    /// <param name="head">The head; null for the mean.</param>
    public Faithfulness? MeasureWord(WordMap map, int word, int? head) =>
        Measure?.Invoke([.. Enumerable.Range(0, Cameras).SelectMany(view =>
        OfAllCameras.FirstOrDefault(m => m.View == view && m.Layer == map.Layer) is not { } same ? new float[map.Grid.Count]
            : head is { } h ? same.Head(h, word).ToArray() : same.Mean(word))]);

    /// <summary>Computes the attention of a published model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="photo">A photograph of any size; it is prepared as the checkpoint says.</param>
    /// <param name="instruction">What is asked.</param>
    /// <exception cref="ArgumentException">The model cannot be asked this, or the instruction has no word.</exception>
    public static AttentionResult Compute(PublishedModel model, RgbImage photo, string instruction)
    {
        var found = WordsInPicture.Explain(model, photo, instruction);
        var prepared = found.Prepared;
        return new AttentionResult(Shrink(Cut(photo, prepared), LongestSide), null, found.Words, found.Unknown, found.Maps,
            (prepared.Pixels.Shape[3], prepared.Pixels.Shape[2]))
        {
            Score = found.Score,
            Dropped = found.Dropped,
        };
    }

    /// <summary>Runs a policy on a picture of each of its cameras.</summary>
    /// <param name="trained">The policy.</param>
    /// <param name="photos">A photograph of any size for each camera, in the policy's order.</param>
    /// <param name="instruction">What is asked.</param>
    /// <param name="proprioception">The robot's state in the units of training; null for the mean of the training data.</param>
    /// <param name="method">The method of explanation; null for the weights of all layers.</param>
    /// <param name="target">What of the action is explained, as <see cref="Policy.Target"/> names it.</param>
    /// <param name="test">How the faithfulness of maps is measured; as usual when null.</param>
    /// <returns>One for each camera, with the maps over its picture.</returns>
    /// <exception cref="ArgumentException">The instruction is empty or too long, proprioception has another length, or the policy's
    /// strategy has no attention from words to patches.</exception>
    /// <exception cref="NotSupportedException">The method has no meaning for the strategy.</exception>
    public static IReadOnlyList<AttentionResult> Compute(
        TrainedPolicy trained, IReadOnlyList<RgbImage> photos, string instruction, float[]? proprioception, IMapMethod? method = null,
            string target = "direction", FaithfulnessOptions? test = null)
    {
        using var policy = Policy.Of(trained);
        var words = policy.SetInstruction(instruction, allowUnknown: true);
        if (proprioception is not null && proprioception.Length != policy.States.Count)
            throw new ArgumentException($"--proprioception: the policy takes {policy.States.Count} numbers, got {proprioception.Length}");
        var decision = policy.Act(Observation.Of(policy.Cameras, photos, proprioception ?? trained.States?.Mean));
        var step = policy.Explained(policy.Target(target));
        var maps = method is null ? policy.Maps() : Maps(method.Compute(step.Decision));
        if (maps.Count == 0)
            throw new ArgumentException(
            $"the policy's strategy '{trained.Policy.Options.Strategy}' has no attention from words to patches");
        var measured = new Lazy<FaithfulnessTest>(() => new FaithfulnessTest(step.Decision, test));
        return [.. photos.Select((photo, camera) =>
        {
            var shown = Shrink(photo, LongestSide);
            var letterbox = Letterbox.Fit(shown.Width, shown.Height, policy.ImageSize);
            return new AttentionResult(shown, letterbox, method is null or { OfWords: true } ? words.Words : [WholeDecision], words.Unknown,
                [.. maps.Where(m => m.View == camera)], (letterbox.ContentWidth, letterbox.ContentHeight))
            {
                Action = decision.Action.ToArray(), Camera = photos.Count > 1 ? policy.Cameras[camera] : null, Cameras = photos.Count,
                    OfAllCameras = maps,
                Measure = Judged,
            };
        })];

        Faithfulness? Judged(float[] weights)
        {
            try
            {
                return measured.Value.Measure(weights);
            }
            catch (NotSupportedException)
            {
                // A target that has no direction, an action of zeros.
                return null;
            }
        }

        static IReadOnlyList<WordMap> Maps(ExplanationMap map) => [.. Enumerable.Range(0, map.Views.Count).Select(map.ToWordMap)];
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

    /// <summary>The same attention over a photograph whose longer side is at most <paramref name="side"/> pixels.</summary>
    public AttentionResult Reduced(int side)
    {
        var photo = Shrink(Photo, side);
        return this with { Photo = photo, Letterbox = Letterbox is null ? null : Letterbox.Fit(photo.Width, photo.Height, Letterbox.Size) };
    }

    /// <summary>The part of a photograph that becomes the input, to whole pixels; black where the input is padding.</summary>
    private static RgbImage Cut(RgbImage photo, PreparedPicture prepared)
    {
        var (left, top) = ((int)Math.Round(prepared.Left), (int)Math.Round(prepared.Top));
        var (width, height) = (Math.Max(1, (int)Math.Round(prepared.Right) - left), Math.Max(1, (int)Math.Round(prepared.Bottom) - top));
        if (left == 0 && top == 0 && width == photo.Width && height == photo.Height) return photo;
        var cut = new RgbImage(width, height);
        cut.Paste(photo, -left, -top);
        return cut;
    }

    private static RgbImage Shrink(RgbImage photo, int side)
    {
        var scale = (double)side / Math.Max(photo.Width, photo.Height);
        return scale >= 1 ? photo : ImageResize.Resize(
            photo, Math.Max(1, (int)Math.Round(scale * photo.Width)), Math.Max(1, (int)Math.Round(scale * photo.Height)),
                ResizeFilter.BilinearAntialias);
    }
}
