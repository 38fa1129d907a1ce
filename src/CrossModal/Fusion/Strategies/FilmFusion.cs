using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Fusion;

/// <summary>The instruction scales and shifts the channels of the visual tokens, block after block, and the largest of each channel is the
/// result (Perez et al. 2018, FiLM).</summary>
/// <remarks>No attention. The paper's: the residual block of figure 3 (1×1, then 3×3 convolution, normalisation, (1 + γ)·x + β, ReLU), γ
/// and β linear in the instruction, and the maximum over the picture at the end. Ours: the instruction is the mean of the words that a
/// transformer encoded in place of a recurrent state, and layer normalisation stands for batch normalisation, which would let samples
/// depend on each other. Views are convolved one by one; tokens that lie on no grid are convolved as one row.</remarks>
internal sealed class FilmFusion : FusionStrategy
{
    private readonly TokenGrid? _grid;
    private readonly ModuleList<Block> _blocks;
    private readonly Linear _output;

    /// <summary>What there is to know of it.</summary>
    public static StrategyDescription Description { get; } = new("film-blocks", "FiLM, convolved",
        "FiLM: the instruction scales and shifts the channels of the feature map; no attention",
        (o, r) => new FilmFusion(o, r))
    { OnGrid = true };

    /// <summary>Makes the strategy.</summary>
    /// <param name="options">Sizes; <see cref="FusionOptions.Layers"/> is the number of blocks, <see cref="VisionOptions.Grid"/> where
    /// tokens lie.</param>
    /// <param name="random">Source of the first weights.</param>
    public FilmFusion(FusionOptions options, RandomSource random)
        : base(options)
    {
        _grid = options.Vision.Grid;
        _blocks = Add("blocks", new ModuleList<Block>(options.Layers, _ => new Block(options.Width, random)));
        _output = Add("output", new Linear(options.Width, options.Width, random));
    }

    /// <summary>Words <c>[B, Nl, d]</c> and views <c>[B, Nv, d]</c> to one token <c>[B, 1, d]</c>.</summary>
    /// <exception cref="ShapeException">The tokens of a view do not fill the grid, or there is no view.</exception>
    protected override FusionOutput Fuse(FusionInput input, Pass pass)
    {
        var instruction = pass.Reshape(input.Language.Mean(pass), [input.Language.Batch, 1, Width]);
        var views = input.Views.Select(view => view is null ? null : Modulated(view, instruction, pass)).ToList();
        var vision = new FusionInput(input.Language, views).JoinViews(pass);

        // Behind ReLU nothing is below 0, so that padding, which is 0, is never the largest unless there is nothing else.
        var features = vision with { Values = pass.Relu(_output.Forward(vision.Values, pass)) };
        return new FusionOutput(new Tokens(pass.Max(features.ZeroPadded(pass), axis: 1, keepAxis: true)));
    }

    private Tokens Modulated(Tokens view, Tensor instruction, Pass pass)
    {
        var grid = _grid ?? new TokenGrid(1, view.Count);
        foreach (var block in _blocks) view = view with { Values = block.Forward(view, instruction, grid, pass) };
        return view;
    }

    /// <summary>r = relu(linear(x)); r + relu((1 + γ)·norm(conv(r)) + β).</summary>
    private sealed class Block : Module
    {
        private readonly Linear _features;
        private readonly Conv2d _convolution;
        private readonly Linear _modulation;

        public Block(int width, RandomSource random)
        {
            _features = Add("features", new Linear(width, width, random));
            _convolution = Add("conv", new Conv2d(width, width, 3, random, padding: 1, bias: false));
            _modulation = Add("modulation", new Linear(width, 2 * width, random));
        }

        public Tensor Forward(Tokens x, Tensor instruction, TokenGrid grid, Pass pass)
        {
            var width = x.Width;
            var features = x with { Values = pass.Relu(_features.Forward(x.Values, pass)) };
            var map = _convolution.Forward(pass.ToMap(features.ZeroPadded(pass), grid), pass);
            var modulation = _modulation.Forward(instruction, pass); // [B, 1, 2d]
            var scaled = pass.Multiply(pass.LayerNorm(pass.ToTokens(map)), pass.Scale(pass.Slice(modulation, 2, 0, width), 1, 1));
            return pass.Add(features.Values, pass.Relu(pass.Add(scaled, pass.Slice(modulation, 2, width, width))));
        }
    }
}
