using CrossModal.Engine.Tensors;

namespace CrossModal.Explain;

/// <summary>How the faithfulness of a map is measured.</summary>
public sealed record FaithfulnessOptions
{
    /// <summary>Fewer points and baselines than a measurement has, so that a page takes seconds.</summary>
    internal static FaithfulnessOptions Short { get; } = new() { Steps = 5, RandomMaps = 10, GaussianMaps = 5 };

    /// <summary>Points of a curve: after the first, each takes away the same number of patches more.</summary>
    public int Steps { get; init; } = 10;

    /// <summary>Number of random maps the score is held against; each is also counted turned round.</summary>
    public int RandomMaps { get; init; } = 20;

    /// <summary>Number of centred Gaussian maps the score is held against, of widths between 0.15 and 0.5 of the picture's side.</summary>
    public int GaussianMaps { get; init; } = 10;

    /// <summary>What stands in place of what is taken away.</summary>
    public IReadOnlyList<PictureFillKind> Fills { get; init; } = [PictureFillKind.Mean, PictureFillKind.Blur, PictureFillKind.Road];

    /// <summary>Standard deviation of the noise on pixels, 0 to 1, whose effect is the noise floor.</summary>
    public double Noise { get; init; } = 0.01;

    /// <summary>Number of seeds of that noise.</summary>
    public int NoiseSeeds { get; init; } = 16;

    /// <summary>Seed of everything drawn.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Receives every perturbed picture of the map, not of the random ones; null when none is to be kept.</summary>
    public Action<PerturbedPicture>? Keep { get; init; }
}

/// <summary>Pictures with patches taken away in the order of a map.</summary>
/// <param name="Fill">What stands in their place.</param>
/// <param name="MostRelevantFirst">Whether the most relevant patches went first.</param>
/// <param name="Removed">Number of patches taken away, over all cameras.</param>
/// <param name="Pictures"><c>[1, 3, H, W]</c> or <c>[1, V, 3, H, W]</c>, 0 to 1, in steps of 1/255.</param>
public sealed record PerturbedPicture(PictureFillKind Fill, bool MostRelevantFirst, int Removed, Tensor Pictures);
