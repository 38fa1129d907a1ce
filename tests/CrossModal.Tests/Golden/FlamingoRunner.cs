using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Layers;
using CrossModal.Models;

namespace CrossModal.Tests.Golden;

/// <summary>The modules of open_flamingo and of lucidrains' flamingo-pytorch against ours.</summary>
internal static class FlamingoRunner
{
    public static void Run(GoldenCase golden, Comparison comparison)
    {
        using var run = new ModuleRun(golden, comparison);
        if (golden.Class == "PerceiverResampler") Resampler(golden, run);
        else CrossAttention(golden, run);
    }

    private static void Resampler(GoldenCase golden, ModuleRun run)
    {
        var published = golden.Has("param/media_pos_emb");
        var resampler = new PerceiverResampler(new ResamplerOptions(golden.Int("dim"), golden.Int("num_latents"), golden.Int("depth"))
        {
            Heads = golden.Int("heads"),
            HeadWidth = golden.Int("dim_head"),
            Hidden = golden.Int("ff_mult") * golden.Int("dim"),
            Media = golden.OptionalInt(published ? "num_media_embeds" : "max_num_media"),
            Frames = golden.OptionalInt("max_num_frames"),
        }, new RandomSource(1));
        var parameters = new ParameterMap(golden, resampler, published ? Flamingo.LucidrainsResampler : Flamingo.OpenFlamingoResampler);

        // lucidrains knows no frames, and takes tokens of one medium without its axis.
        golden.Described("x");
        run.Sizes("x", "batch");
        var x = run.Input("x");
        var (batch, tokens, width) = (x.Shape[0], x.Shape[-2], x.Shape[-1]);
        var media = x.Shape.Rank == 3 ? 1 : x.Shape[1];
        var frames = x.Shape.Rank == 5 ? x.Shape[2] : 1;
        run.Output("latents", resampler.Forward(run.Pass.Reshape(x, [batch, media, frames, tokens, width]), run.Pass));
        for (var i = 0; i < golden.Int("depth"); i++)
        {
            run.Named(i, $"layers.{i}.attn");
            run.Attention(i, $"layer{i}", (weights, pass) =>
            {
                // [B·T, H, M, N] → [B, H, T, M, N]
                var s = weights.Shape;
                return pass.Permute(pass.Reshape(weights, [batch, media, s[1], s[2], s[3]]), 0, 2, 1, 3, 4);
            });
        }

        run.Backward(parameters);
    }

    private static void CrossAttention(GoldenCase golden, ModuleRun run)
    {
        run.Sizes("x", "batch", "text_len", "dim");
        run.Sizes("media", "batch", "num_media", "latents_per_medium", "dim_visual");
        var (text, media) = (run.Input("x"), run.Input("media"));
        var options = new GatedCrossAttentionOptions(text.Shape[2], media.Shape[3])
        {
            Heads = golden.Int("heads"),
            HeadWidth = golden.Int("dim_head"),
            Hidden = (golden.OptionalInt("ff_mult") ?? 1) * text.Shape[2],
        };
        var gated = golden.Class == "GatedCrossAttentionBlock";
        Module module = gated ? new GatedCrossAttention(options, new RandomSource(1))
            : new MediaCrossAttention(options, new RandomSource(1));
        var parameters = new ParameterMap(golden, module, Flamingo.GatedBlock);
        var seen = run.Pass.Reshape(media, [media.Shape[0], media.Shape[1] * media.Shape[2], media.Shape[3]]);
        var mask = MaskOf(golden, text.Shape[1], media.Shape[1], media.Shape[2]);
        run.Output("output", module is GatedCrossAttention block
            ? block.Forward(text, seen, mask, run.Pass)
            : ((MediaCrossAttention)module).Forward(text, seen, mask, run.Pass));
        run.Named(0, gated ? "attn.attention" : "attention");
        run.Attention(0, "per_head");
        run.Backward(parameters);
    }

    /// <summary>The mask, with the rows that the reference attends uniformly.</summary>
    private static Mask? MaskOf(GoldenCase golden, int words, int media, int tokens)
    {
        var attention = golden.Flag("only_attend_immediate_media") ? MediaAttention.Immediate : MediaAttention.AllPrevious;
        var cached = golden.Flag("use_cached_media");
        golden.Described("media_locations"); // the input in other words
        if (!golden.Has("in/media_locations")) return null;
        var stored = golden.Stored("in/media_locations");
        var (batch, count) = (stored.Shape[0], stored.Shape[1]);
        var locations = new bool[batch, count];
        Buffer.BlockCopy(stored.ToBooleans(), 0, locations, 0, batch * count);
        var mask = cached ? MediaMask.Following(locations, words, media, tokens, attention)
            : MediaMask.Of(locations, media, tokens, attention);
        var times = MediaMask.Times(locations);
        var uniform = new bool[batch, words];
        for (var b = 0; b < batch; b++)
            for (var i = 0; i < words; i++) uniform[b, i] = Conventions.IsUniform(golden, times[b, cached ? count - 1 : i], media);
        return uniform.Cast<bool>().Any(u => u) ? mask.Uniform(uniform) : mask;
    }
}
