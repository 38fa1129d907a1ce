// Attention variants, an option of any strategy: which keys a query attends to, and what that costs.
//     dotnet run samples/variants.cs -c Release
// prints
//     words attend to 8 × 8 patches
//        full     attends to 64 patches, weights sum to 1.000
//        topk:6   attends to  6 patches, weights sum to 1.000
//        local:1  attends to  9 patches, weights sum to 1.000
//        block:2  attends to 32 patches, weights sum to 1.000
//        linear   attends to 64 patches, weights sum to 1.000
//        graph:1  attends to 64 patches, weights sum to 1.000
//        qknorm   attends to 64 patches, weights sum to 1.000
//        prune:6  attends to  6 patches, weights sum to 1.000
//     words and 64 × 64 patches attend to each other, GFLOP
//        full       2.49
//        topk:6     1.22
//        local:1    0.08
//        block:2    0.16
//        linear     0.08
//        graph:1    0.08
//        qknorm     2.49
//        prune:6    1.41
//     a word attends to 69 of 69 tokens
//     a patch in a corner attends to 9 of 69 tokens
//     a patch inside attends to 14 of 69 tokens
#:project ../src/CrossModal/CrossModal.csproj
using CrossModal.Attention;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Layers;

// Five words attend to 8 × 8 patches. How many weights of the first word's first head are above 0, and do they sum to 1?
var words = new Tokens(Tensor.Normal([1, 5, 32], new RandomSource(1)));
var patches = new Tokens(Tensor.Normal([1, 64, 32], new RandomSource(2)));
Console.WriteLine("words attend to 8 × 8 patches");
foreach (var name in new[] { "full", "topk:6", "local:1", "block:2", "linear", "graph:1", "qknorm", "prune:6" })
{
    var trace = new AttentionTrace();
    using var pass = Pass.Evaluation(trace);
    Create("cross-attention-single", name, side: 8).Forward(words, patches, pass);
    var row = trace["attention"].Span[..64].ToArray();
    Console.WriteLine($"   {name,-8} attends to {row.Count(w => w > 0),2} patches, weights sum to {row.Sum():F3}");
}

// Words and 64 × 64 patches in one sequence: work that is skipped is not done, and not counted. A trace would ask for all weights: none here.
Console.WriteLine("words and 64 × 64 patches attend to each other, GFLOP");
foreach (var name in new[] { "full", "topk:6", "local:1", "block:2", "linear", "graph:1", "qknorm", "prune:6" })
{
    using var pass = Pass.Planning();
    Create("concat-tokens", name, side: 64).Forward(words, new Tokens(Tensor.Zeros([1, 4096, 32])), pass);
    Console.WriteLine($"   {name,-8} {pass.Cost().Flops / 1e9,6:F2}");
}

// In one sequence a patch attends to the words and to the patches around it; a word attends to everything.
var joint = new AttentionTrace();
using (var pass = Pass.Evaluation(joint)) Create("concat-tokens", "local:1", side: 8).Forward(words, patches, pass);
var weights = joint.Entries[0].Value;
foreach (var (what, token) in new[] { ("a word", 0), ("a patch in a corner", 5), ("a patch inside", 5 + 9) })
    Console.WriteLine($"{what} attends to {Enumerable.Range(0, 69).Count(j => weights[0, 0, token, j] > 0)} of 69 tokens");

FusionStrategy Create(string strategy, string name, int side) => FusionStrategies.Create(strategy, new FusionOptions(32)
{
    Vision = new VisionOptions { Grid = new TokenGrid(side, side), Attention = name == "full" ? null : AttentionVariant.Parse(name) },
}, new RandomSource(3));
