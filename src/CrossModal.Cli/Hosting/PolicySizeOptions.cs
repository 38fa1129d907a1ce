using System.CommandLine;
using CrossModal.Fusion;

namespace CrossModal.Cli.Hosting;

/// <summary>The options of a policy's sizes.</summary>
/// <param name="Layers">Layers of the strategy.</param>
/// <param name="Heads">Heads of each attention.</param>
/// <param name="Dim">Width of all tokens.</param>
/// <param name="Latents">Latents of a Perceiver.</param>
internal sealed record PolicySizeOptions(Option<int> Layers, Option<int> Heads, Option<int> Dim, Option<int> Latents)
{
    // The position of a patch is coded by sine and cosine of its row and of its column.
    private const int Parts = 4;

    /// <summary>The sizes that were asked for.</summary>
    /// <exception cref="UsageException">They do not suit each other.</exception>
    public FusionOptions Choose(CommandContext context)
    {
        var (dim, heads) = (context.Get(Dim), context.Get(Heads));
        if (dim % Parts != 0) throw new UsageException($"{Dim.Name} {dim}: must be divisible by {Parts}");
        if (dim % heads != 0) throw new UsageException($"{Heads.Name} {heads}: must divide {Dim.Name} {dim}");
        return new FusionOptions(dim, heads, context.Get(Layers)) { Latents = context.Get(Latents) };
    }
}
