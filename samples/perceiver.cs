// Perceiver: a few learned queries attend to words and patches together; the size of the result does not depend on the picture.
//     dotnet run samples/perceiver.cs -c Release
// prints
//     6 words +   64 patches -> [1,8,32]     0.6 MFLOP
//     6 words +  256 patches -> [1,8,32]     1.7 MFLOP
//     6 words + 1024 patches -> [1,8,32]     6.0 MFLOP
//     TextbookPerceiver  distinguishes words from patches: no
//     Perceiver          distinguishes words from patches: yes
#:project ../src/CrossModal/CrossModal.csproj
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;

var options = new FusionOptions(32, Heads: 4) { Latents = 8 };
var perceiver = new Perceiver(options, new RandomSource(1));
var words = Tensor.Normal([1, 6, 32], new RandomSource(2));
foreach (var count in new[] { 64, 256, 1024 })
{
    using var pass = Pass.Recording();
    var output = perceiver.Forward(new Tokens(words), new Tokens(Tensor.Zeros([1, count, 32])), pass).Fused.Values;
    Console.WriteLine($"6 words + {count,4} patches -> {output.Shape}   {pass.Cost().Flops / 1e6,5:F1} MFLOP");
}

// To the textbook's queries all tokens are alike: exchange a word with a patch, and nothing changes.
var patches = Tensor.Normal([1, 4, 32], new RandomSource(3));
foreach (var strategy in new FusionStrategy[] { new TextbookPerceiver(options, new RandomSource(1)), perceiver })
{
    var before = Fuse(strategy);
    Exchange();
    var change = before.Zip(Fuse(strategy)).Max(p => MathF.Abs(p.First - p.Second));
    Exchange();
    Console.WriteLine($"{strategy.GetType().Name,-19}distinguishes words from patches: {(change > 1e-4f ? "yes" : "no")}");
}

float[] Fuse(FusionStrategy strategy)
{
    using var pass = Pass.Evaluation();
    return strategy.Forward(new Tokens(words), new Tokens(patches), pass).Fused.Values.ToArray();
}

void Exchange()
{
    for (var i = 0; i < 32; i++) (words.Span[i], patches.Span[i]) = (patches.Span[i], words.Span[i]);
}
