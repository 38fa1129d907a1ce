namespace CrossModal.Fusion;

/// <summary>What the latents of a <see cref="Perceiver"/> start from.</summary>
internal enum LatentStart
{
    /// <summary>Learned vectors, the same for every instruction.</summary>
    Learned,

    /// <summary>Learned vectors, to each of which a projection of the mean word is added.</summary>
    Words,
}

/// <summary>What comes out of a <see cref="Perceiver"/>.</summary>
internal enum LatentReadout
{
    /// <summary>The latents, of which a policy takes the mean.</summary>
    Mean,

    /// <summary>One token: the mean word attends to the latents (Jaegle et al. 2022, Perceiver IO, with one output query).</summary>
    MeanWord,

    /// <summary>The words, each of which attends to the latents (Jaegle et al. 2022, Perceiver IO).</summary>
    Words,
}

/// <summary>What the papers of <see cref="Perceiver"/> leave open or vary: one thing at a time tells which of it makes latents learn
/// late.</summary>
internal sealed record LatentOptions
{
    /// <summary>What latents start from.</summary>
    public LatentStart Start { get; init; }

    /// <summary>Whether a round over the words alone stands before those over words and visual tokens.</summary>
    public bool WordsFirst { get; init; }

    /// <summary>What comes out.</summary>
    public LatentReadout Readout { get; init; }

    /// <summary>Width of a latent over that of a token.</summary>
    public int Wider { get; init; } = 1;

    /// <summary>Standard deviation of the first learned vectors.</summary>
    public float Scale { get; init; } = 0.02f;
}
