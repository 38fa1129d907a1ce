using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using CrossModal.Attention;
using CrossModal.Experiments.Cells;
using CrossModal.Experiments.Plans;
using CrossModal.Fusion;
using CrossModal.Layers;
using CrossModal.Policies;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Learning;
using CrossModal.Tabletop.Pretraining;

namespace CrossModal.Experiments.Tests.Cells;

/// <summary>Keys of cells are hashes of JSON: what was generated at compile time writes what reflection wrote.</summary>
public sealed class ExperimentJsonTests
{
    private static readonly JsonSerializerOptions Reflected = new(ExperimentFile.Json)
    {
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        Converters = { new JsonStringEnumConverter() },
    };

    private static readonly CellConfiguration Configuration = new(
        new PolicyOptions("cross-attention", new FusionOptions(64)
        {
            Views = 2,
            Vision = new VisionOptions
            {
                Grid = new TokenGrid(8, 8),
                Tokens = new VisualTokens(TokenReduction.Pool, 16),
                Attention = new AttentionVariant(AttentionKind.TopK, 4),
            },
        }, 40, 4)
        {
            Head = new HeadOptions(2, 1),
            Perception = new PerceptionOptions { Positions = VisualPositions.Line },
        },
        new TabletopRecipe { Language = InstructionLanguage.Both, Control = PolicyControl.NoLanguage },
        new EvaluationPlan { Tests = [new PlannedEvaluation("pick", "S0", PolicyControl.NoLanguage, 7)] })
    {
        Teacher = new CellTeacher("key", new DistillationOptions()),
        Pretraining = new PretrainingRecipe(),
    };

    [Fact]
    public void A_configuration_is_written_as_reflection_wrote_it()
    {
        Assert.Equal(JsonSerializer.Serialize(Configuration, Reflected), JsonSerializer.Serialize(Configuration, ExperimentFile.Json));
        Assert.Equal(JsonSerializer.Serialize(ComparisonProtocols.Full, Reflected),
            JsonSerializer.Serialize(ComparisonProtocols.Full, ComparisonFile.Json));
    }

    [Fact]
    public void Every_choice_is_written_in_words()
    {
        foreach (var options in (JsonSerializerOptions[])[ExperimentFile.Json, ComparisonFile.Json])
            foreach (var choice in (Enum[])[PolicyControl.None, VisualPositions.Grid, AttentionKind.Local, TokenReduction.Pool,
                WordKind.Color, InstructionLanguage.Both, FailureReason.None])
                Assert.Equal($"\"{choice}\"", JsonSerializer.Serialize(choice, choice.GetType(), options));
        Assert.Equal("\"Final\"", JsonSerializer.Serialize(CellRole.Final, ComparisonFile.Json));
    }

    [Fact]
    public void What_a_file_does_not_say_has_its_initial_value()
    {
        var read = JsonSerializer.Deserialize(
            """{"policy":{"strategy":"cross-attention","fusion":{"width":8,"hidden":16},"words":3,"actions":4},"recipe":{"steps":5},"evaluation":{}}""",
            ExperimentFile.Form<CellConfiguration>())!;
        Assert.Equal((64, 16, 1), (read.Policy.ImageSize, read.Policy.MaxWords, read.Policy.Perception.WordLayers));
        Assert.Equal((4, 1, 16), (read.Policy.Fusion.Heads, read.Policy.Fusion.Layers, read.Policy.Fusion.Latents));
        Assert.Equal((5, 16, 2e-3), (read.Recipe.Steps, read.Recipe.Scenes, read.Recipe.LearningRate));
        Assert.Equal(["pick"], read.Recipe.Tasks);
        Assert.Equal(2, read.Recipe.Levers.Points);
        Assert.Equal(100, read.Evaluation.ValidationEpisodes);
    }

    [Fact]
    public void What_has_no_default_value_is_required()
    {
        var error = Assert.Throws<JsonException>(() => JsonSerializer.Deserialize(
            """{"policy":{"strategy":"x","fusion":{"width":8},"words":3,"actions":4},"recipe":{},"evaluation":{}}""",
            ExperimentFile.Form<CellConfiguration>()));
        Assert.Contains("hidden", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<JsonException>(() => JsonSerializer.Deserialize("""{"recipe":{},"evaluation":{}}""",
            ExperimentFile.Form<CellConfiguration>()));
        Assert.Contains("policy", error.Message, StringComparison.Ordinal);
    }
}
