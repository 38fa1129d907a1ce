using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Tests.Layers;

/// <summary>sigmoid(gate(x)) · value(x), written as CONTRIBUTING says: one class whose registrations are its assignments.</summary>
internal sealed class Gate : Module
{
    private readonly Linear _gate;
    private readonly Linear _value;

    public Gate(int width, RandomSource random)
    {
        _gate = Add("gate_proj", new Linear(width, width, random));
        _value = Add("v_proj", new Linear(width, width, random));
    }

    public Tensor Forward(Tensor x, Pass pass) => pass.Multiply(pass.Sigmoid(_gate.Forward(x, pass)), _value.Forward(x, pass));
}

/// <summary>What a layer of one's own has without a change anywhere else.</summary>
public sealed class LayerRecipeTests
{
    [Fact]
    public void A_layer_of_one_class_is_named_stored_loaded_frozen_and_trained()
    {
        var (gate, other) = (new Gate(4, new RandomSource(1)), new Gate(4, new RandomSource(2)));
        Assert.Equal(["gate_proj.weight", "gate_proj.bias", "v_proj.weight", "v_proj.bias"], gate.Parameters().Select(p => p.Key));
        Assert.Equal(40, gate.ParameterCount);

        var x = Tensor.Normal([2, 3, 4], new RandomSource(3));
        using (var pass = Pass.Evaluation())
        {
            Assert.NotEqual(gate.Forward(x, pass).ToArray(), other.Forward(x, pass).ToArray());
            other.Load(gate.Parameters().ToDictionary(p => p.Key, p => p.Value));
            Assert.Equal(gate.Forward(x, pass).ToArray(), other.Forward(x, pass).ToArray());
        }

        gate.Freeze("gate_proj");
        using var recording = Pass.Recording();
        using var gradients = recording.Backward(recording.Sum(gate.Forward(x, recording)));
        Assert.Equal([false, false, true, true], gate.Parameters().Select(p => p.Value.RequiresGradient));
        Assert.All(gate.Parameters().Where(p => p.Value.RequiresGradient), p => Assert.Contains(gradients[p.Value].ToArray(), g => g != 0));
    }
}
