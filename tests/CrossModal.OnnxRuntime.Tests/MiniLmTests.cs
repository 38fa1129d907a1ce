using CrossModal.Encoders;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using Microsoft.ML.OnnxRuntime;

namespace CrossModal.OnnxRuntime.Tests;

public sealed class MiniLmTests
{
    [WeightsFact("all-MiniLM-L6-v2/onnx/model.onnx")]
    public void The_states_are_those_of_the_packages_own_model()
    {
        var encoder = TextEncoder.Load(Pretrained.At("all-MiniLM-L6-v2"));
        using var session = new InferenceSession(Pretrained.At("all-MiniLM-L6-v2/onnx/model.onnx"));
        var largest = 0f;
        foreach (var text in (string[])["pick up the red cup", "Put the crimson mug into the sink, please!", "unaffable caf\u00e9s", "a",
            string.Join(' ', Enumerable.Repeat("place the carrot on the plate", 15))])
        {
            long[] ids = [.. encoder.Pieces(text).Ids.Select(id => (long)id)];
            using var given = OrtValue.CreateTensorValueFromMemory(ids, [1, ids.Length]);
            using var mask = OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(ids, _ => 1L), [1, ids.Length]);
            using var segments = OrtValue.CreateTensorValueFromMemory(new long[ids.Length], [1, ids.Length]);
            using var options = new RunOptions();
            var inputs = session.InputNames.Select(name => name switch
            {
                "input_ids" => given,
                "attention_mask" => mask,
                _ => segments,
            }).ToArray();
            using var results = session.Run(options, session.InputNames, inputs, [session.OutputNames[0]]);
            var expected = results[0].GetTensorDataAsSpan<float>();
            using var pass = Pass.Evaluation();
            var states = encoder.Forward(Tensor.From([.. ids.Select(id => (float)id)], [1, ids.Length]), null, pass);
            Assert.Equal(expected.Length, states.Span.Length);
            for (var i = 0; i < expected.Length; i++) largest = Math.Max(largest, Math.Abs(expected[i] - states.Span[i]));
        }

        Assert.InRange(largest, 0, 1e-5f);
    }
}
