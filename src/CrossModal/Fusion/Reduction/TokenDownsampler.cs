using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Fusion;

/// <summary>How a grid of visual tokens is made smaller.</summary>
public enum Downsampling
{
    /// <summary>Average over square groups of neighbours.</summary>
    AveragePool,

    /// <summary>Learned convolution over square groups of neighbours.</summary>
    StridedConvolution,
}

/// <summary>Fewer visual tokens: a grid becomes one <c>factor</c> times smaller in rows and columns; rows and columns left over are
/// dropped.</summary>
/// <remarks>Alone (<see cref="Reduce"/>) it turns tokens into fewer tokens; as a strategy it does so to every view and hands them to
/// another strategy. A trace records where the fewer tokens came from: a patch has the same share in a cell as every other real patch of
/// it. For a convolution, which mixes channels and so has no one number for a patch, that is a convention; its windows do not overlap.
/// Padding does not count in an average and is 0 in a convolution; a group is padding when all of it is. The textbook pools along the
/// sequence, ignoring the grid (<see cref="Operations.AvgPool1d"/>), and its learned reading exchanges tokens for channels
/// (<see cref="TextbookTokenConvolution"/>).</remarks>
public sealed class TokenDownsampler : FusionStrategy
{
    private readonly Downsampling _kind;
    private readonly int _factor;
    private readonly TokenGrid? _grid;
    private readonly Conv2d? _convolution;
    private readonly FusionStrategy _strategy;

    /// <summary>By average pooling.</summary>
    public static StrategyDescription PoolDescription { get; } = new("downsample-pool", "A quarter of the tokens, pooled",
        "a quarter of the visual tokens by average pooling, then cross-attention",
        (o, r) => new TokenDownsampler(o, r))
    { Attends = VisionAttention.Words, OnGrid = true };

    /// <summary>By strided convolution.</summary>
    public static StrategyDescription ConvolutionDescription { get; } = new("downsample-conv", "A quarter of the tokens, convolved",
        "a quarter of the visual tokens by strided convolution, then cross-attention",
        (o, r) => new TokenDownsampler(o, r, Downsampling.StridedConvolution))
    { Attends = VisionAttention.Words, OnGrid = true };

    /// <summary>Makes the strategy.</summary>
    /// <param name="options">Sizes; <see cref="VisionOptions.Grid"/> is where tokens lie.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <param name="kind">How the grid is made smaller.</param>
    /// <param name="factor">How many rows and columns become one.</param>
    /// <param name="create">Makes the strategy that fuses the fewer tokens; a <see cref="CrossModalTransformer"/> when null.</param>
    public TokenDownsampler(FusionOptions options, RandomSource random, Downsampling kind = Downsampling.AveragePool, int factor = 2,
        Func<FusionStrategy>? create = null)
        : base(options)
    {
        if (factor <= 0) throw new ShapeException("TokenDownsampler", $"the factor must be positive, got {factor}");
        (_kind, _factor, _grid) = (kind, factor, options.Vision.Grid);
        EmptyView = _grid?.Count ?? factor * factor;
        if (kind == Downsampling.StridedConvolution)
            _convolution = Add("conv", new Conv2d(options.Width, options.Width, factor, random, stride: factor));
        _strategy = Add("fusion", create?.Invoke() ?? new CrossModalTransformer(Fewer(options), random));
    }

    /// <summary>Fewer tokens: <c>[B, rows·columns, d] → [B, ⌊rows/factor⌋·⌊columns/factor⌋, d]</c>.</summary>
    /// <exception cref="ShapeException">The tokens do not fill the grid, or, when none was given, a square.</exception>
    public Tokens Reduce(Tokens tokens, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        var grid = _grid ?? Square(tokens.Count);
        return ReduceGrid(tokens, grid, pass).MadeOf(Tokens.Contents([tokens]), Path.Length > 0 ? $"{Path}.reduced" : "reduced",
            _ => tokens.Mask is { } mask ? [mask.Scores] : [],
            from => TokenSource.Cells(grid, _factor, from.Count > 0 ? Mask.OfScores(from[0]) : null).Map,
            (from, recording) => RecordShares(grid, from, recording), pass);
    }

    private Tensor RecordShares(TokenGrid grid, IReadOnlyList<Tensor> from, Pass pass)
    {
        var cells = TokenSource.Cells(grid, _factor, null).Map;
        if (from.Count == 0) return cells;
        var presence = pass.Reshape(pass.Exp(from[0]), [from[0].Shape[0], 1, grid.Count]);
        return Tokens.RowsOfOne(pass.Multiply(cells, presence), pass);
    }

    private Tokens ReduceGrid(Tokens tokens, TokenGrid grid, Pass pass)
    {
        if (tokens.Mask is null)
            return new Tokens(Cells(pass.ToMap(tokens.Values, grid), pass));

        var presence = pass.ToMap(tokens.Mask.Presence(pass), grid);
        var share = pass.AvgPool2d(presence, _factor);
        var cells = Cells(pass.ToMap(tokens.ZeroPadded(pass), grid), pass);
        var shares = pass.ToTokens(share);
        if (_kind == Downsampling.AveragePool) cells = pass.Divide(cells, pass.Add(shares, Absent(shares, pass)));
        var kept = pass.Scale(Absent(shares, pass), -1, 1);
        return new Tokens(pass.Multiply(cells, kept), Mask.FromPresence(kept, pass));
    }

    /// <summary>Words <c>[B, Nl, d]</c> and views <c>[B, Nv, d]</c> to what the inner strategy makes of words and fewer visual
    /// tokens.</summary>
    protected override FusionOutput Fuse(FusionInput input, Pass pass) =>
        _strategy.Forward(input with { Views = input.Views.Select(v => v is null ? null : Reduce(v, pass)).ToList() }, pass);

    private Tensor Cells(Tensor map, Pass pass) =>
        pass.ToTokens(_convolution is null ? pass.AvgPool2d(map, _factor) : _convolution.Forward(map, pass));

    /// <summary>1 where the share of real tokens is 0, else 0; a share is 0 or at least 1/factor².</summary>
    private Tensor Absent(Tensor shares, Pass pass) => pass.Relu(pass.Scale(shares, -2 * _factor * _factor, 1));

    /// <summary>The options of the strategy that sees the fewer tokens.</summary>
    private FusionOptions Fewer(FusionOptions options) => _grid is not { } grid ? options
        : options with { Vision = options.Vision with { Grid = new TokenGrid(grid.Rows / _factor, grid.Columns / _factor) } };

    private static TokenGrid Square(int count)
    {
        var side = (int)Math.Round(Math.Sqrt(count));
        return side * side == count ? new TokenGrid(side, side)
            : throw new ShapeException("TokenDownsampler", $"{count} tokens are not a square grid; give VisionOptions.Grid");
    }
}
