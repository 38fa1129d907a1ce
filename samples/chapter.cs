// The chapter's classes in the chapter's own form: a line for each method, computed by the class of this library that has its formula.
//     dotnet run samples/chapter.cs -c Release
// prints
//     language [1,5,16], vision [1,36,16]
//     Concatenation                            [1,41,16]
//     CrossModalAttention.forward              [1,5,16]
//     CrossModalAttention.getAttentionWeights  [1,5,36]
//     CoAttention.forward                      languageGuided [1,5,16], visualGuided [1,36,16]
//     CrossModalTransformerBlock.forward       [1,5,16]
//     CrossModalFusionNetwork.fuse             [1,5,16]
//     PerceiverFusion.fuse                     [1,8,16]
//     SpatialDownsampler.downsample            [1,9,16]
//     SpatialDownsampler.learnedDownsample     [1,9,16]
//     MultiViewCrossAttention.fuse             [1,5,16], the mean of both views: True
#:project ../src/CrossModal/CrossModal.csproj
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Layers;

// embedDim 16, 4 heads, 4 layers, mlpDim 64, numQueries 8; 5 words and 6 × 6 patches.
var options = new FusionOptions(16, Heads: 4, Layers: 4) { Latents = 8, Hidden = 64 };
var random = new RandomSource(1);
var language = new Tokens(Tensor.Normal([1, 5, 16], new RandomSource(2)));
var vision = new Tokens(Tensor.Normal([1, 36, 16], new RandomSource(3)));
using var pass = Pass.Evaluation();
Console.WriteLine($"language {language.Values.Shape}, vision {vision.Values.Shape}");

// Q1 of the chapter: the tokens side by side; nothing is computed.
Print("Concatenation", pass.Concat(1, language.Values, vision.Values));

// LayerNorm(L + attention(L, V, V) Wo), and the weights over the full width that no head uses.
var attention = new CrossModalAttention(options, random);
Print("CrossModalAttention.forward", attention.Forward(language, vision, pass).Fused.Values);
Print("CrossModalAttention.getAttentionWeights", attention.TextbookWeights(language, vision, pass));

// CoAttentionOutput: what languageGuided is there is Fused here, visualGuided is the named output "vision".
var guided = new TextbookCoAttention(options, random).Forward(language, vision, pass);
Console.WriteLine($"{"CoAttention.forward",-40} languageGuided {guided.Fused.Values.Shape}, visualGuided {guided.Named["vision"].Shape}");

Print("CrossModalTransformerBlock.forward", new TextbookBlock(options, ActivationFunction.Gelu, random).Forward(language.Values, vision, pass));
Print("CrossModalFusionNetwork.fuse", new TextbookNetwork(options, random).Forward(language, vision, pass).Fused.Values);
Print("PerceiverFusion.fuse", new TextbookPerceiver(options, random).Forward(language, vision, pass).Fused.Values);

// Pooling of 4 neighbours in the sequence, and a convolution whose channels are the tokens.
Print("SpatialDownsampler.downsample", pass.AvgPool1d(vision.Values, 4));
Print("SpatialDownsampler.learnedDownsample", new TextbookTokenConvolution(tokens: 36, targets: 9, random).Forward(vision.Values, pass));

// The same attention over each view, then the mean of the results.
var second = new Tokens(Tensor.Normal([1, 36, 16], new RandomSource(4)));
var views = new MultiView(options with { Views = 2 }, random, create: () => new CrossModalAttention(options, new RandomSource(5)));
var fused = views.Forward(new FusionInput(language, [vision, second]), pass).Fused.Values;
var shared = new CrossModalAttention(options, new RandomSource(5));
var (first, other) = (shared.Forward(language, vision, pass).Fused.Values, shared.Forward(language, second, pass).Fused.Values);
var same = Enumerable.Range(0, 5 * 16).All(i => MathF.Abs(fused.Span[i] - (first.Span[i] + other.Span[i]) / 2) < 1e-5f);
Console.WriteLine($"{"MultiViewCrossAttention.fuse",-40} {fused.Shape}, the mean of both views: {same}");

static void Print(string method, Tensor result) => Console.WriteLine($"{method,-40} {result.Shape}");
