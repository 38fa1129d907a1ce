using System.CommandLine;
using System.Globalization;
using CrossModal.Encoders;

namespace CrossModal.Cli.Hosting;

/// <summary>The options of pretrained encoders.</summary>
/// <param name="Text">Folder of a text encoder.</param>
/// <param name="TuneText">Whether it is trained too.</param>
/// <param name="Vision">A frozen vision encoder.</param>
/// <param name="Size">Side of its pictures.</param>
/// <param name="Mean">Means of its pixels.</param>
/// <param name="Deviation">Deviations of its pixels.</param>
internal sealed record EncoderOptions(Option<string?> Text, Option<bool> TuneText, Option<string?> Vision, Option<string?> Size,
    Option<string?> Mean, Option<string?> Deviation)
{
    /// <summary>All of them: what they name is described by its content, wherever it lies.</summary>
    public IReadOnlyList<Option> All => [Text, TuneText, .. OfVision];

    /// <summary>Those of the vision encoder.</summary>
    public IReadOnlyList<Option> OfVision => [Vision, Size, Mean, Deviation];

    /// <summary>The encoders that were asked for; null when there are none.</summary>
    /// <param name="context">The options' values.</param>
    /// <param name="cache">Folder of features of pictures; null to keep none.</param>
    /// <exception cref="UsageException">An option lacks the one it belongs to, or is no number.</exception>
    public PretrainedEncoders? Choose(CommandContext context, string? cache = null)
    {
        var (text, vision) = (context.Get(Text), context.Get(Vision));
        if (text is null && context.IsGiven(TuneText)) throw new UsageException($"{TuneText.Name} needs {Text.Name}");
        foreach (var option in OfVision)
            if (vision is null && context.IsGiven(option)) throw new UsageException($"{option.Name} needs {Vision.Name}");
        return text is null && vision is null ? null : new PretrainedEncoders
        {
            Text = text,
            TuneText = context.Get(TuneText),
            Vision = vision,
            ImageSize = Numbers(context, Size, 1) is [var size] ? (int)size : null,
            Mean = Numbers(context, Mean, 3),
            Deviation = Numbers(context, Deviation, 3),
            FeatureCache = cache,
        };
    }

    private static float[]? Numbers(CommandContext context, Option<string?> option, int count)
    {
        if (context.Get(option) is not { } text) return null;
        var numbers = Array.ConvertAll(text.Split(','), part =>
            float.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : float.NaN);
        return numbers.Length == count && Array.TrueForAll(numbers, float.IsFinite) ? numbers
            : throw new UsageException(
                $"{option.Name}: '{text}' is not {(count == 1 ? "a number" : $"{count} numbers with commas between")}");
    }
}
