// A compiled session: set the instruction once, then run frame after frame without allocating.
//     dotnet run samples/session.cs -c Release
// prints
//     fused [1,8,64], as the eager pass: True; 0 bytes allocated by a frame
//     attention [1,4,8,196], as the eager pass: True
//     computed once for an instruction: 6 steps, for a frame: 14 steps
//       Instruction layers.0.self_norm                         LayerNorm
//       Instruction layers.0.self_attn.q_proj + k_proj + v_projLinear
//       Instruction layers.0.self_attn                         Attention
//       Instruction layers.0.self_attn.out_proj                Linear + residual + LayerNorm
//       Instruction layers.0.cross_attn.q_proj                 Linear
//       Instruction layers.0.cross_attn.k_proj                 absorb keys' projection into queries
//       Frame                                                  copy tokens into strips
//       Frame       layers.0.cross_attn                        absorbed attention
//       Frame       layers.0.cross_attn.out_proj               Linear + residual + LayerNorm
//       Frame       layers.0.feed_forward.fc1                  Linear + Gelu
//       Frame       layers.0.feed_forward.fc2                  Linear + residual + LayerNorm
//       Frame       layers.1.self_attn.q_proj + k_proj + v_projLinear
//       Frame       layers.1.self_attn                         Attention
//       Frame       layers.1.self_attn.out_proj                Linear + residual + LayerNorm
//       Frame       layers.1.cross_attn.q_proj                 Linear
//       Frame       layers.1.cross_attn.k_proj                 absorb keys' projection into queries
//       Frame       layers.1.cross_attn                        absorbed attention
//       Frame       layers.1.cross_attn.out_proj               Linear + residual + LayerNorm
//       Frame       layers.1.feed_forward.fc1                  Linear + Gelu
//       Frame       layers.1.feed_forward.fc2                  Linear + residual + LayerNorm
//     a frame: 4.4 MFLOP absorbed, 8.2 MFLOP with every patch projected
#:project ../src/CrossModal/CrossModal.csproj
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Inference;

const int Words = 8, Patches = 196, Width = 64;
var random = new RandomSource(1);
var model = FusionStrategies.Create("cross-attention", new FusionOptions(Width, Heads: 4, Layers: 2), random);
var instruction = new Tokens(Tensor.Normal([1, Words, Width], random));
var camera = new Tokens(Tensor.Normal([1, Patches, Width], random));            // its memory is read in place

var session = InferenceSession.Compile(model, new FusionInput(instruction, camera));
session.SetInstruction(new Tokens(Tensor.Normal([1, Words, Width], random)));   // a new order to the robot, at most as long
session.SetInstruction(instruction);

// A control loop: the camera's tokens change, the instruction stays.
session.Run(camera);
for (var frame = 0; frame < 3; frame++)
{
    Tensor.Normal([1, Patches, Width], new RandomSource((ulong)frame)).Span.CopyTo(camera.Values.Span);
    session.Run(camera);
}

var fused = session.Run(camera).Fused.Values;
var before = GC.GetAllocatedBytesForCurrentThread();
session.Run(camera);
var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

// The same by the eager pass, with the weights of attention traced.
var trace = new AttentionTrace();
using var pass = Pass.Evaluation(trace);
var eager = model.Forward(instruction, camera, pass).Fused.Values;
var attention = session.Attention("layers.1.cross_attn");                       // runs the last frame once more, writing the weights
Console.WriteLine($"fused {fused.Shape}, as the eager pass: {Same(fused, eager)}; {allocated} bytes allocated by a frame");
Console.WriteLine($"attention {attention.Shape}, as the eager pass: {Same(attention, trace["layers.1.cross_attn"])}");

var plan = session.Explain(frames: 1);
Console.WriteLine($"computed once for an instruction: {plan.Steps.Count(s => s.Stage == Stage.Instruction)} steps, for a frame: {plan.Steps.Count(s => s.Stage == Stage.Frame)} steps");
foreach (var step in plan.Steps) Console.WriteLine($"  {step.Stage,-12}{step.Layer,-43}{step.Action}");

var ordinary = InferenceSession.Compile(model, new FusionInput(instruction, camera), new SessionOptions { Absorption = Absorption.Never });
Console.WriteLine($"a frame: {plan.Flops(Stage.Frame) / 1e6:F1} MFLOP absorbed, {ordinary.Explain(frames: 1).Flops(Stage.Frame) / 1e6:F1} MFLOP with every patch projected");

static bool Same(Tensor a, Tensor b) => a.ToArray().Zip(b.ToArray()).All(p => MathF.Abs(p.First - p.Second) < 1e-4f);
