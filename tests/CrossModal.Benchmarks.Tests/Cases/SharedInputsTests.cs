using CrossModal.Benchmarks.Cases;
using CrossModal.Engine.Kernels;

namespace CrossModal.Benchmarks.Tests.Cases;

public sealed class SharedInputsTests : IDisposable
{
    private static readonly LayerShape Small = new("s", 2, 3, 5, 8, 2);
    private readonly string _folder = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"));

    public void Dispose()
    {
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void What_is_written_is_read_again(int blocks)
    {
        var network = new Network(Small, blocks);
        var drawn = NetworkInputs.Draw(network);
        var read = new SharedInputs(_folder).Read(network);
        Assert.Equal(drawn.Arrays, read.Arrays);
        Assert.Equal(drawn.Reference, read.Reference);
        Assert.Contains("a 1 16 196 512 8", File.ReadAllLines(Path.Combine(_folder, "layers.txt")));
    }

    [Fact]
    public void A_file_of_another_length_is_named()
    {
        var network = Network.Layer(Small);
        var inputs = new SharedInputs(_folder);
        inputs.Complete([network], _ => { });
        File.WriteAllBytes(Path.Combine(_folder, "s", "Wq.f32"), new byte[4]);
        Assert.Contains("Wq.f32 has 1 elements, expected 64", Assert.Throws<InvalidDataException>(() => inputs.Read(network)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void Our_engine_agrees_with_the_reference_in_float64(int blocks)
    {
        var inputs = NetworkInputs.Draw(new Network(Small, blocks));
        foreach (var association in Enum.GetValues<Association>())
        {
            var job = new FrameJob(inputs, association, cached: association == Association.Cheaper, Workers.Single);
            Assert.InRange(job.MaxError(), 0, 1e-5);
        }

        var words = inputs.Words;
        (words[0], words[1]) = (words[1] + 1, words[0]);
        var other = new FrameJob(inputs, Association.Cheaper, cached: false, Workers.Single);
        Assert.True(other.MaxError() > 1e-3, "other words must give another result");
        Assert.Throws<InvalidDataException>(() => Checked.Error(other));
    }

    [Fact]
    public void Repeating_the_visual_tokens_changes_no_result()
    {
        var inputs = NetworkInputs.Draw(Network.Layer(Small with { Batch = 1 }));
        var job = new FrameJob(inputs, Association.Cheaper, cached: true, Workers.Single, repeats: 7);
        Assert.InRange(job.MaxError(), 0, 1e-5);
    }

    [Fact]
    public void An_output_that_is_not_a_number_is_no_small_error()
    {
        var inputs = NetworkInputs.Draw(Network.Layer(Small));
        var output = new float[inputs.Reference.Length];
        output[3] = float.NaN;
        Assert.True(double.IsNaN(inputs.MaxError(output)));
    }

    [Fact]
    public void The_error_function_is_that_of_the_tables()
    {
        Assert.Equal(0.8427007929497149, DoubleReference.Erf(1), 13);
        Assert.Equal(-0.9953222650189527, DoubleReference.Erf(-2), 13);
        Assert.Equal(0.9999779095030014, DoubleReference.Erf(3), 13);
        Assert.Equal(0, DoubleReference.Erf(0));
        Assert.Equal(1, DoubleReference.Erf(7));
    }
}
