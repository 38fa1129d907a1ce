using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Tests.Training;

/// <summary>A module that is nothing but its parameters.</summary>
internal sealed class Bag : Module
{
    public Bag(params ReadOnlySpan<(string Name, Tensor Value)> parameters)
    {
        foreach (var (name, value) in parameters) AddParameter(name, value);
    }

    public Tensor this[string name] => Parameters().Single(p => p.Key == name).Value;

    public float[] AllNumbers() => [.. Parameters().SelectMany(p => p.Value.ToArray())];
}

/// <summary>Makes gradients of wanted values: those of Σ p·g with respect to p are g, exactly.</summary>
internal static class GivenGradients
{
    public static Gradients Of(params ReadOnlySpan<(Tensor Parameter, Tensor Gradient)> wanted)
    {
        using var pass = Pass.Recording();
        Tensor? loss = null;
        foreach (var (parameter, gradient) in wanted)
        {
            var part = pass.Sum(pass.Multiply(parameter, gradient));
            loss = loss is null ? part : pass.Add(loss, part);
        }

        return pass.Backward(loss!);
    }
}
