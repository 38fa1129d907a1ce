using CrossModal.Engine.Ops;

namespace CrossModal.Onnx;

/// <summary>Adds the operators that compute a recorded operation.</summary>
/// <param name="call">The recorded operation.</param>
/// <returns>Names of its outputs.</returns>
internal delegate string[] Mapping(RecordedCall call);

/// <summary>Which mapping an operation has, by its type.</summary>
internal static class MappingTable
{
    private static readonly Dictionary<Type, Mapping> Mappings = new()
    {
        [typeof(LinearOp)] = MatrixMappings.Linear,
        [typeof(MatMulOp)] = MatrixMappings.MatMul,
        [typeof(AddOp)] = ElementwiseMappings.Binary("Add"),
        [typeof(SubtractOp)] = ElementwiseMappings.Binary("Sub"),
        [typeof(MultiplyOp)] = ElementwiseMappings.Binary("Mul"),
        [typeof(DivideOp)] = ElementwiseMappings.Binary("Div"),
        [typeof(ScaleOp)] = ElementwiseMappings.Scale,
        [typeof(ReluOp)] = ElementwiseMappings.Unary("Relu"),
        [typeof(SigmoidOp)] = ElementwiseMappings.Unary("Sigmoid"),
        [typeof(TanhOp)] = ElementwiseMappings.Unary("Tanh"),
        [typeof(ExpOp)] = ElementwiseMappings.Unary("Exp"),
        [typeof(LogOp)] = ElementwiseMappings.Unary("Log"),
        [typeof(SqrtOp)] = ElementwiseMappings.Unary("Sqrt"),
        [typeof(EluOp)] = ElementwiseMappings.Unary("Elu"),
        [typeof(SquareOp)] = ElementwiseMappings.Square,
        [typeof(SiluOp)] = ElementwiseMappings.Silu,
        [typeof(QuickGeluOp)] = ElementwiseMappings.QuickGelu,
        [typeof(GeluOp)] = ElementwiseMappings.Gelu,
        [typeof(GeluTanhOp)] = ElementwiseMappings.GeluTanh,
        [typeof(SoftmaxOp)] = NormalizationMappings.Softmax,
        [typeof(LogSoftmaxOp)] = NormalizationMappings.LogSoftmax,
        [typeof(LayerNormOp)] = NormalizationMappings.LayerNorm,
        [typeof(RmsNormOp)] = NormalizationMappings.RmsNorm,
        [typeof(L2NormalizeOp)] = NormalizationMappings.L2Normalize,
        [typeof(SumOp)] = ReductionMappings.Sum,
        [typeof(MaxOp)] = ReductionMappings.Max,
        [typeof(ConcatOp)] = ShapeMappings.Concat,
        [typeof(ExpandOp)] = ShapeMappings.Expand,
        [typeof(PermuteOp)] = ShapeMappings.Permute,
        [typeof(ReshapeOp)] = ShapeMappings.Reshape,
        [typeof(SliceOp)] = ShapeMappings.Slice,
        [typeof(Conv2dOp)] = ImagingMappings.Conv2d,
        [typeof(AvgPool2dOp)] = ImagingMappings.AvgPool2d,
        [typeof(AvgPool1dOp)] = ImagingMappings.AvgPool1d,
        [typeof(AdaptiveAvgPool2dOp)] = ImagingMappings.AdaptiveAvgPool2d,
        [typeof(ResizeOp)] = ImagingMappings.Resize,
        [typeof(EmbeddingOp)] = TokenMappings.Embedding,
        [typeof(GatherTokensOp)] = TokenMappings.GatherTokens,
        [typeof(SumTokensOp)] = TokenMappings.SumTokens,
        [typeof(MatchTokensOp)] = TokenMatchingMapping.Match,
        [typeof(MostAttendedOp)] = PruningMappings.MostAttended,
        [typeof(PrunedAttentionOp)] = PruningMappings.PrunedAttention,
        [typeof(AttentionOp)] = DenseAttentionMappings.Softmax,
        [typeof(LinearAttentionOp)] = DenseAttentionMappings.Linear,
        [typeof(InvertedAttentionOp)] = DenseAttentionMappings.Inverted,
        [typeof(TopKAttentionOp)] = SparseAttentionMappings.TopK,
        [typeof(BlockSparseAttentionOp)] = SparseAttentionMappings.Blocks,
        [typeof(LocalAttentionOp)] = WindowMappings.Local,
        [typeof(GraphAttentionOp)] = WindowMappings.Graph,
    };

    /// <summary>The mapping of a type of operation; null when there is none.</summary>
    public static Mapping? Find(Type operation) => Mappings.GetValueOrDefault(operation);
}
