using CrossModal.Experiments.Cells;
using CrossModal.Fusion;
using CrossModal.Policies;
using CrossModal.Tabletop.Learning;
using CrossModal.Tabletop.Pretraining;

namespace CrossModal.Experiments.Tests.Cells;

public sealed class CellKeyTests
{
    [Fact]
    public void The_key_changes_with_everything_that_decides_the_numbers_and_with_nothing_else()
    {
        var cell = SampleCells.Configuration();
        var (policy, recipe, plan) = (cell.Policy, cell.Recipe, cell.Evaluation);
        CellConfiguration[] all =
        [
            cell, SampleCells.Configuration("co-attention"),
            cell with { Policy = policy with { Fusion = policy.Fusion with { Heads = 4 } } },
                cell with { Policy = policy with { ImageSize = 96 } },
            cell with { Policy = policy with { Perception = new PerceptionOptions { Positions = VisualPositions.None } } },
            cell with { Policy = policy with { Perception = new PerceptionOptions { WordLayers = 0 } } },
            cell with { Policy = policy with { Perception = new PerceptionOptions { Registers = 1 } } },
            cell with { Policy = policy with { Perception = new PerceptionOptions { StateToken = true } } },
            cell with { Policy = policy with { Perception = new PerceptionOptions { PastFrames = 2 } } },
            cell with { Policy = policy with { Fusion = policy.Fusion with { KeyHeads = 1 } } },
            cell with { Policy = policy with { Fusion = policy.Fusion with { InitialGate = 0.5f } } },
            cell with { Policy = policy with { Fusion = policy.Fusion with { LatentChoice = new LatentOptions() } } },
            cell with { Policy = policy with { Fusion = policy.Fusion with { LatentChoice = new LatentOptions { WordsFirst = true } } } },
            cell with { Recipe = recipe with { WarmUp = 7 } },
            cell with { Recipe = recipe with { Seed = 1 } }, cell with { Recipe = recipe with { LearningRate = 1e-3 } },
            cell with { Recipe = recipe with { Steps = 9 } }, cell with { Recipe = recipe with { Tasks = ["pick"] } },
            cell with { Evaluation = plan with { Seed = 2 } }, cell with { Evaluation = plan with { ValidationEpisodes = 5 } },
            cell with { Evaluation = plan with { Tests = [.. plan.Tests.Skip(1)] } },
            cell with { Evaluation = plan with { Tests = [plan.Tests[0] with { Episodes = 10 }, plan.Tests[1]] } },
            cell with { Evaluation = plan with { Tests = [plan.Tests[0] with { Control = PolicyControl.NoVision }, plan.Tests[1]] } },
            cell with { Teacher = new CellTeacher("0123456789abcdef", new DistillationOptions()) },
            cell with { Teacher = new CellTeacher("0123456789abcdee", new DistillationOptions()) },
            cell with { Teacher = new CellTeacher("0123456789abcdef", new DistillationOptions(Attention: 0)) },
            cell with { Pretraining = new PretrainingRecipe() }, cell with { Pretraining = new PretrainingRecipe { Seed = 1 } },
        ];
        var keys = all.Select(CellKey.Of).ToArray();
        Assert.Equal(keys.Length, keys.Distinct().Count());
        Assert.All(keys, key => Assert.Matches("^[0-9a-f]{16}$", key));
        Assert.Equal(keys[0], CellKey.Of(SampleCells.Configuration()));
        Assert.Equal(keys[0], CellKey.Of(cell with { Evaluation = plan with { Films = 3 } }));
    }

    [Fact]
    public void Names_are_readable_and_fit_for_files()
    {
        var cell = SampleCells.Configuration();
        Assert.Equal("cross-attention_l1_8_lr0.002_s0_0123456789abcdef", CellKey.Name(cell, "0123456789abcdef"));
        var hostile = cell with { Policy = cell.Policy with { Strategy = "../../a b" } };
        Assert.Equal("..-..-a-b_l1_8_lr0.002_s0_k", CellKey.Name(hostile, "k"));
    }
}
