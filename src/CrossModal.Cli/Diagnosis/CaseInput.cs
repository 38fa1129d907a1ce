using CrossModal.Attention;
using CrossModal.Engine.Tensors;
using CrossModal.Imaging;
using CrossModal.Policies;

namespace CrossModal.Cli.Diagnosis;

/// <summary>Makes the network's input of a case.</summary>
internal static class CaseInput
{
    /// <summary>The case under some instructions, one row each; those shorter than the longest are padded.</summary>
    /// <param name="trained">The policy.</param>
    /// <param name="example">The case.</param>
    /// <param name="instructions">Words of each instruction.</param>
    public static PolicyInput Of(TrainedPolicy trained, DoctorCase example, params IReadOnlyList<string>[] instructions)
    {
        var options = trained.Policy.Options;
        var (size, views) = (options.ImageSize, options.Fusion.Views);
        var images = Tensor.Zeros(views > 1 ? [1, views, 3, size, size] : [1, 3, size, size]);
        var states = options.Proprioception > 0 ? Tensor.Zeros([instructions.Length, options.Proprioception]) : null;
        var encoder = new ObservationEncoder(trained.Signature, size, trained.States);
        for (var row = 0; row < instructions.Length; row++)
            encoder.Encode(Observed(example.Pictures.Current), images.Span, states is null ? default
                : states.Span.Slice(row * options.Proprioception, options.Proprioception));
        var (words, mask) = trained.Tokenizer.EncodeBatch([.. instructions.Select(i => string.Join(' ', i))], options.MaxWords);
        return new PolicyInput(images, words, mask, states) { Past = Past() };

        Observation Observed(IReadOnlyList<RgbImage> pictures) => Observation.Of(trained.Signature.Cameras, pictures, example.State);

        PastFrames? Past()
        {
            if (options.Perception.PastFrames is not (> 0 and var frames)) return null;
            var (past, there) = (Tensor.Zeros([1, frames, .. images.Shape.Skip(1)]), new bool[frames]);
            for (var i = 0; i < example.Pictures.Past.Length; i++)
            {
                encoder.Encode(Observed(example.Pictures.Past[i]), past.Span.Slice(i * images.Shape.Length, images.Shape.Length),
                    new float[options.Proprioception]);
                there[i] = true;
            }

            return new PastFrames(past, Mask.Allowed(there, [1, 1, 1, frames]));
        }
    }
}
