using System.Text.Json.Serialization;
using CrossModal.Data;
using CrossModal.Encoders;
using CrossModal.Language;

namespace CrossModal.Policies;

/// <summary>The content of a policy's <c>policy.json</c>.</summary>
/// <param name="Format">The format of the file.</param>
/// <param name="Source">What the policy learned from.</param>
/// <param name="Options">What it is made of.</param>
/// <param name="Words">Its words, in the order of their numbers.</param>
/// <param name="Actions">How actions are normalised.</param>
/// <param name="States">How states are normalised; null for a policy without them.</param>
/// <param name="Signature">Names and units of actions and states; policies of an earlier format have none.</param>
/// <param name="WordBreaks">Where words are cut; policies saved before there was a choice say nothing of it.</param>
internal sealed record PolicyDescription(
    string Format, string Source, PolicyOptions Options, IReadOnlyList<string> Words, Normalization Actions, Normalization? States,
    PolicySignature? Signature = null, WordBreaks WordBreaks = WordBreaks.Letters)
{
    /// <summary>The text encoder whose files lie beside; null for learned words.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public UsedTextEncoder? TextEncoder { get; init; }

    /// <summary>The vision encoder whose files lie beside; null for pictures that are pixels.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public UsedVisionEncoder? VisionEncoder { get; init; }
}

/// <summary>A pretrained text encoder whose files lie beside.</summary>
/// <param name="Sha256">Digest of the files.</param>
/// <param name="Tuned">Whether it was trained with the policy, whose weights it then belongs to.</param>
internal sealed record UsedTextEncoder(string Sha256, bool Tuned = false);

/// <summary>A frozen vision encoder whose files lie beside, and how its pixels are made.</summary>
/// <param name="Sha256">Digest of the files.</param>
/// <param name="File">Name of the first of them.</param>
/// <param name="Output">Which value of it is taken; null for its only output.</param>
/// <param name="ImageSize">Side of its pictures in pixels.</param>
/// <param name="Norm">How its pixels are made.</param>
internal sealed record UsedVisionEncoder(string Sha256, string File, string? Output, int ImageSize, PixelNorm Norm);
