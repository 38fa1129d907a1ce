// Multi-view: several cameras, one of which may fail; and whether the result depends on which camera a view is from.
//     dotnet run samples/multi_view.cs -c Release
// prints
//     front [1,9,16], wrist [1,4,16] -> [1,5,16], and each alone: view0, view1
//     wrist camera missing: same as the front camera alone: True
//     Mean     changes when the cameras are exchanged: no
//     Learned  changes when the cameras are exchanged: no
//     Joint    changes when the cameras are exchanged: yes
//     MultiView: all cameras are missing
#:project ../src/CrossModal/CrossModal.csproj
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;

var options = new FusionOptions(16, Heads: 2) { Views = 2 };
var words = new Tokens(Tensor.Normal([1, 5, 16], new RandomSource(2)));
var front = new Tokens(Tensor.Normal([1, 9, 16], new RandomSource(3)));
var wrist = new Tokens(Tensor.Normal([1, 4, 16], new RandomSource(4)));    // cameras may have different numbers of patches

// The textbook: one shared attention over each view, then the plain mean.
var mean = new MultiView(options, new RandomSource(1), create: () => new CrossModalAttention(options, new RandomSource(1)));
using (var pass = Pass.Evaluation())
{
    var output = mean.Forward(new FusionInput(words, [front, wrist]), pass);
    Console.WriteLine($"front {front.Values.Shape}, wrist {wrist.Values.Shape} -> {output.Fused.Values.Shape}, and each alone: {string.Join(", ", output.Named.Keys)}");
}

// A camera that is missing is as if it had never been there.
var alone = new MultiView(options with { Views = 1 }, new RandomSource(1), create: () => new CrossModalAttention(options, new RandomSource(1)));
Console.WriteLine($"wrist camera missing: same as the front camera alone: {Same(Fuse(mean, front, null), Fuse(alone, front))}");

// Exchange the two cameras.
foreach (var combination in new[] { ViewCombination.Mean, ViewCombination.Learned, ViewCombination.Joint })
{
    var strategy = new MultiView(options, new RandomSource(1), combination);
    Console.WriteLine($"{combination,-8} changes when the cameras are exchanged: {(Same(Fuse(strategy, front, wrist), Fuse(strategy, wrist, front)) ? "no" : "yes")}");
}

try
{
    Fuse(mean, null, null);
}
catch (ShapeException error)
{
    Console.WriteLine(error.Message);
}

float[] Fuse(FusionStrategy strategy, params Tokens?[] views)
{
    using var pass = Pass.Evaluation();
    return strategy.Forward(new FusionInput(words, views), pass).Fused.Values.ToArray();
}

static bool Same(float[] a, float[] b) => a.Zip(b).All(p => MathF.Abs(p.First - p.Second) < 1e-5f);
