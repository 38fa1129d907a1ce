// A strategy of one's own: the instruction scales and shifts the channels of visual tokens (Perez et al. 2018, FiLM).
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Layers;

public sealed class FilmFusion : FusionStrategy
{
    private readonly ModuleList<FilmBlock> _blocks;

    public static StrategyDescription Description { get; } = new("film", "FiLM",
        "the mean word scales and shifts the channels of visual tokens, block after block", (o, r) => new FilmFusion(o, r));

    public FilmFusion(FusionOptions options, RandomSource random)
        : base(options) => _blocks = Add("blocks", new ModuleList<FilmBlock>(options.Layers, _ => new FilmBlock(options.Width, random)));

    protected override FusionOutput Fuse(FusionInput input, Pass pass)
    {
        var vision = input.JoinViews(pass);                                                              // [B, Nv, d]
        var instruction = pass.Reshape(input.Language.Mean(pass), [input.Language.Batch, 1, Width]);     // [B, 1, d]
        foreach (var block in _blocks) vision = vision with { Values = block.Forward(vision.Values, instruction, pass) };
        return new FusionOutput(vision);
    }
}

public sealed class FilmBlock : Module
{
    private readonly Linear _features, _scale, _shift;

    public FilmBlock(int width, RandomSource random)
    {
        _features = Add("features", new Linear(width, width, random));
        _scale = Add("scale", new Linear(width, width, random));
        _shift = Add("shift", new Linear(width, width, random));
    }

    // x + relu((1 + scale) * features + shift)
    public Tensor Forward(Tensor x, Tensor instruction, Pass pass)
    {
        var scaled = pass.Multiply(_features.Forward(x, pass), pass.Scale(_scale.Forward(instruction, pass), 1, 1));
        return pass.Add(x, pass.Relu(pass.Add(scaled, _shift.Forward(instruction, pass))));
    }
}
