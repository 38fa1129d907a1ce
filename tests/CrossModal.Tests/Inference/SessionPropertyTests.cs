using CrossModal.Attention;
using CrossModal.Engine.Kernels;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Inference;
using CrossModal.Layers;
using CrossModal.Tests.Fusion;

namespace CrossModal.Tests.Inference;

/// <summary>Random strategies, shapes and masks: a session and the eager pass agree.</summary>
public sealed class SessionPropertyTests
{
    private const int Draws = 40;

    public static TheoryData<string> Names => [.. FusionStrategies.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Session_and_eager_pass_agree_within_1e_5(string name)
    {
        for (var draw = 0; draw < Draws; draw++)
        {
            var random = new RandomSource(2026, (ulong)(1000 * FusionStrategies.Names.ToList().IndexOf(name) + draw));
            var heads = 1 + random.NextInt(4);
            var width = 4 * heads * (1 + random.NextInt(4));
            var (rows, columns) = (2 + random.NextInt(5), 2 + random.NextInt(7));
            var cameras = FusionStrategies.Find(name).Views > 1 ? 1 + random.NextInt(3) : 1;
            var options = new FusionOptions(width, heads, 1 + random.NextInt(3))
            {
                Hidden = 4 * (1 + random.NextInt(12)),
                Latents = 1 + random.NextInt(9),
                Views = cameras,
                Vision = new VisionOptions { Grid = new TokenGrid(rows, columns) },
            };
            var strategy = Scene.OpenGates(FusionStrategies.Create(name, options, random));
            var batch = 1 + random.NextInt(3);
            var words = 1 + random.NextInt(20);
            var input = new FusionInput(Draw(random, batch, words, width),
                [.. Enumerable.Range(0, cameras).Select(_ => Draw(random, batch, rows * columns, width))]);
            var session = InferenceSession.Compile(strategy, input, new SessionOptions
            {
                Absorption = (Absorption)random.NextInt(3),
                InstructionStays = random.NextInt(2) == 0,
                Workers = random.NextInt(2) == 0 ? Workers.Single : Workers.Default,
            });
            Sessions.SameAsEager(session, strategy, input);

            var shorter = Draw(random, batch, 1 + random.NextInt(words), width);
            session.SetInstruction(shorter);
            Sessions.SameAsEager(session, strategy, input with { Language = shorter });
        }
    }

    /// <summary>Tokens with no mask, a random one, or one that in some sample leaves nothing to attend.</summary>
    private static Tokens Draw(RandomSource random, int batch, int count, int width)
    {
        var values = Tensor.Normal([batch, count, width], random);
        var kind = random.NextInt(4);
        if (kind == 0) return new Tokens(values);
        var real = new bool[batch, count];
        for (var b = 0; b < batch; b++)
            for (var i = 0; i < count; i++) real[b, i] = random.NextInt(3) > 0 && !(kind == 3 && b == 0);
        return new Tokens(values, Mask.KeyPadding(real));
    }
}
