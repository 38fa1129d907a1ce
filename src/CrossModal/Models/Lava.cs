using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Layers;

namespace CrossModal.Models;

// Lynch et al. 2022, "Interactive Language: Talking to Robots in Real Time": LAVA, the policy of the Language-Table benchmark. As its
// public implementation computes it (google-research/language-table, networks/lava.py, the conv_maxpool encoder): a pyramid of convolutions
// gives visual tokens of three sizes; the instruction's CLIP embedding, as one query, attends to them; a transformer over the last frames;
// a residual network of dense layers gives the action. The first weights follow this library's layers (Glorot) where the original draws all
// of them with deviation 0.05.

/// <summary>How the last frames are joined.</summary>
/// <param name="Frames">Number of frames.</param>
/// <param name="Layers">Layers over them.</param>
internal sealed record LavaTime(int Frames = 4, int Layers = 2);

/// <summary>The network that gives the action.</summary>
/// <param name="Width">Width of its residual stream; divisible by 4.</param>
/// <param name="Blocks">Number of residual blocks.</param>
/// <param name="Actions">Numbers of an action.</param>
internal sealed record LavaHead(int Width = 1024, int Blocks = 2, int Actions = 2);

/// <summary>The sizes of LAVA; the defaults are those of the published configuration.</summary>
/// <param name="TextWidth">Width of the instruction's embedding.</param>
/// <param name="Width">Width d of tokens; divisible by 4.</param>
/// <param name="Heads">Number of heads; divides the width.</param>
/// <param name="Layers">How often the instruction attends to the visual tokens.</param>
internal sealed record LavaOptions(int TextWidth = 512, int Width = 128, int Heads = 2, int Layers = 4)
{
    /// <summary>How the last frames are joined.</summary>
    public LavaTime Time { get; init; } = new();

    /// <summary>The network that gives the action.</summary>
    public LavaHead Head { get; init; } = new();

    /// <summary>The levels of the pyramid whose cells are tokens; level i has a side of 2⁻⁽ⁱ⁺¹⁾ of the image's.</summary>
    public IReadOnlyList<int> Levels { get; init; } = [2, 3, 4];

    /// <summary>Share dropped in training.</summary>
    public float Dropout { get; init; } = 0.1f;
}

/// <summary>Frames and an instruction to an action.</summary>
internal sealed class Lava : Module
{
    private readonly LavaOptions _options;
    private readonly Pyramid _pyramid;
    private readonly Linear _text;
    private readonly LavaBlocks _blocks;
    private readonly OverTime _time;
    private readonly DenseResidual _head;

    /// <summary>Makes the policy.</summary>
    /// <param name="options">Sizes.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <exception cref="ShapeException">A width is not divisible by 4, or a level is not one of the pyramid.</exception>
    public Lava(LavaOptions options, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Width % 4 != 0 || options.Head.Width % 4 != 0)
            throw new ShapeException("Lava", $"widths of {options.Width} and {options.Head.Width} are not divisible by 4");
        _options = options;
        _pyramid = Add("pyramid", new Pyramid(options, random));
        _text = Add("text", new Linear(options.TextWidth, options.Width, random));
        _blocks = Add("blocks", new LavaBlocks(new FusionOptions(options.Width, options.Heads,
            options.Layers)
        { Dropout = options.Dropout }, random));
        _time = Add("time", new OverTime(options, random));
        _head = Add("head", new DenseResidual(options.Width, options.Head, random));
    }

    /// <summary>Computes the action.</summary>
    /// <param name="frames">The last frames, the newest last, <c>[B, T, 3, H, W]</c>, in 0 … 1.</param>
    /// <param name="text">The instruction's embedding <c>[B, text width]</c>, of any length but 0.</param>
    /// <param name="pass">The pass; its trace receives weights <c>[B·T, heads, 1, tokens]</c>, the pyramid's levels one after
    /// another.</param>
    /// <returns>Normalised actions <c>[B, actions]</c>.</returns>
    /// <exception cref="ShapeException">Sizes do not fit, or an image is too small for the pyramid.</exception>
    public Tensor Forward(Tensor frames, Tensor text, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(frames);
        ArgumentNullException.ThrowIfNull(text);
        if (frames.Shape.Rank != 5 || frames.Shape[1] != _options.Time.Frames || frames.Shape[2] != 3)
            throw new ShapeException("Lava", $"frames must be [B, {_options.Time.Frames}, 3, H, W], got {frames.Shape}");
        if (text.Shape != [frames.Shape[0], _options.TextWidth])
            throw new ShapeException("Lava", $"the text must be [{frames.Shape[0]}, {_options.TextWidth}], got {text.Shape}");
        var (batch, time, width) = (frames.Shape[0], frames.Shape[1], _options.Width);
        var images = pass.Reshape(frames, [batch * time, 3, frames.Shape[3], frames.Shape[4]]);
        var vision = new Tokens(pass.Dropout(_pyramid.Forward(images, pass), _options.Dropout));
        var asked = pass.Dropout(pass.Scale(_text.Forward(pass.L2Normalize(text), pass), MathF.Sqrt(width)), _options.Dropout);
        var query = pass.Reshape(pass.Expand(pass.Reshape(asked, [batch, 1, width]), [batch, time, width]), [batch * time, 1, width]);
        var fused = pass.Reshape(_blocks.Forward(new Tokens(query), vision, pass), [batch, time, width]);
        return _head.Forward(_time.Forward(fused, pass), pass);
    }

    /// <summary>Sines and cosines in turn, of positions 0 … count − 1: <c>[count, width]</c>.</summary>
    private static Tensor Positions(int count, int width)
    {
        var table = Tensor.Zeros([count, width]);
        for (var i = 0; i < table.Shape.Length; i++)
        {
            var (position, channel) = (i / width, i % width);
            var angle = position * Math.Exp(-(channel - channel % 2) * Math.Log(10000) / width);
            table.Span[i] = (float)(channel % 2 == 0 ? Math.Sin(angle) : Math.Cos(angle));
        }

        return table;
    }

    /// <summary>Convolutions, each halving the side; cells of some levels as tokens with their positions.</summary>
    private sealed class Pyramid : Module
    {
        private static readonly int[] Channels = [3, 32, 64, 128, 256];
        private readonly ModuleList<Conv2d> _convolutions;
        private readonly ModuleList<Linear> _tokens;
        private readonly LavaOptions _options;

        public Pyramid(LavaOptions options, RandomSource random)
        {
            // The last level is the one before it, pooled once more.
            var levels = Channels.Length;
            if (options.Levels.Count == 0 || options.Levels.Any(l => l < 0 || l >= levels))
                throw new ShapeException("Lava", $"levels {string.Join(", ", options.Levels)} are not some of 0 … {levels - 1}");
            _options = options;
            _convolutions = Add("conv", new ModuleList<Conv2d>(levels - 1, i =>
                new Conv2d(Channels[i], Channels[i + 1], 3, random, padding: 1)));
            _tokens = Add("tokens", new ModuleList<Linear>(options.Levels.Count,
                i => new Linear(Channels[Math.Min(options.Levels[i] + 1, levels - 1)], options.Width, random)));
        }

        public Tensor Forward(Tensor images, Pass pass)
        {
            var maps = new List<Tensor>();
            var x = images;
            foreach (var convolution in _convolutions) maps.Add(x = Halved(pass.Relu(convolution.Forward(x, pass)), pass));
            if (_options.Levels.Contains(maps.Count)) maps.Add(Halved(x, pass));
            return pass.Concat(1, [.. _options.Levels.Select((level, i) => Cells(maps[level], _tokens[i], pass))]);
        }

        private Tensor Cells(Tensor map, Linear tokens, Pass pass)
        {
            var (height, width, half) = (map.Shape[2], map.Shape[3], _options.Width / 2);
            var x = pass.Scale(tokens.Forward(pass.ToTokens(map), pass), MathF.Sqrt(_options.Width));
            var (columns, rows) = (Positions(width, half), Positions(height, half));
            var sides = pass.Concat(2, pass.Expand(pass.Reshape(columns, [1, width, half]), [height, width, half]),
                pass.Expand(pass.Reshape(rows, [height, 1, half]), [height, width, half]));
            return pass.Add(x, pass.Reshape(sides, [height * width, _options.Width]));
        }

        /// <summary>The largest of every four neighbours; a row or column left over is dropped.</summary>
        private static Tensor Halved(Tensor map, Pass pass)
        {
            var (batch, channels, height, width) = (map.Shape[0], map.Shape[1], map.Shape[2] / 2, map.Shape[3] / 2);
            if (height == 0 || width == 0)
                throw new ShapeException("Lava", $"the image is too small: a level of the pyramid would be {map.Shape} halved");
            if (map.Shape[2] % 2 != 0) map = pass.Slice(map, 2, 0, 2 * height);
            if (map.Shape[3] % 2 != 0) map = pass.Slice(map, 3, 0, 2 * width);

            // [B, C, h, 2, w, 2] → [B, C, h, w]
            return pass.Max(pass.Max(pass.Reshape(map, [batch, channels, height, 2, width, 2]), axis: 5), axis: 3);
        }
    }

    /// <summary>A transformer over the last frames, and their mean.</summary>
    private sealed class OverTime : Module
    {
        private readonly LavaOptions _options;
        private readonly Linear _projection;
        private readonly ModuleList<QueryBlock> _layers;
        private readonly LayerNorm _norm;
        private readonly Tensor _positions;

        public OverTime(LavaOptions options, RandomSource random)
        {
            _options = options;
            var block = LavaBlocks.Block(options.Width, options.Heads, options.Dropout);
            _projection = Add("proj", new Linear(options.Width, options.Width, random));
            _layers = Add("layers", new ModuleList<QueryBlock>(options.Time.Layers, _ => new QueryBlock(block, context: false, random)));
            _norm = Add("norm", new LayerNorm(options.Width, LavaBlocks.Epsilon));
            _positions = Positions(options.Time.Frames, options.Width);
        }

        public Tensor Forward(Tensor frames, Pass pass)
        {
            var x = pass.Add(pass.Scale(_projection.Forward(frames, pass), MathF.Sqrt(_options.Width)), _positions);
            x = pass.Dropout(x, _options.Dropout);
            foreach (var layer in _layers) x = layer.Forward(x, null, null, pass);
            return _norm.Forward(pass.Mean(x, axis: 1), pass);
        }
    }

    /// <summary>Blocks of x + dense(relu(dense(relu(dense(relu x))))), narrow inside, then the action.</summary>
    private sealed class DenseResidual : Module
    {
        private readonly Linear _first;
        private readonly ModuleList<Perceptron> _blocks;
        private readonly Linear _action;

        public DenseResidual(int width, LavaHead head, RandomSource random)
        {
            _first = Add("first", new Linear(width, head.Width, random));
            _blocks = Add("blocks", new ModuleList<Perceptron>(head.Blocks,
                _ => new Perceptron([head.Width, head.Width / 4, head.Width / 4, head.Width], random, ActivationFunction.Relu)));
            _action = Add("action", new Linear(head.Width, head.Actions, random));
        }

        public Tensor Forward(Tensor x, Pass pass)
        {
            x = _first.Forward(x, pass);
            foreach (var block in _blocks) x = pass.Add(x, block.Forward(pass.Relu(x), pass));
            return _action.Forward(x, pass);
        }
    }
}
