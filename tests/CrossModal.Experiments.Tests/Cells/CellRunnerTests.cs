using System.Text.Json;
using CrossModal.Engine.Formats;
using CrossModal.Experiments.Cells;
using CrossModal.Policies;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Learning;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Experiments.Tests.Cells;

public sealed class CellRunnerTests : IDisposable
{
    private static readonly CellConfiguration Cell = SampleCells.Configuration() with
    {
        Evaluation = SampleCells.Configuration().Evaluation with { Films = 2 },
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("crossmodal-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_cell_leaves_its_result_its_films_and_its_policy_and_is_not_run_again()
    {
        var store = Store("a");
        var result = new CellRunner(store) { Machine = "here" }.Run(Cell);
        Assert.Equal(CellKey.Of(Cell), result.Key);
        Assert.Equal([4, 8], result.Learning.Select(p => p.Step));
        Assert.Equal([16L, 32], result.Learning.Select(p => p.Samples));
        Assert.Equal(["pick", "place"], result.Learning[0].Tasks.Select(t => t.Task));
        Assert.Equal(2, result.Learning[0].Episodes);
        Assert.Equal(Cell.Evaluation.Tests, result.Tests.Select(t => new PlannedEvaluation(t.Task, t.Split, t.Control, t.Episodes)));
        Assert.Equal(result.Tests[0].Episodes, result.Tests[0].Successes + result.Tests[0].Failures.Values.Sum());
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], result.Losses.Steps);
        Assert.Contains("move", result.Losses.Metrics.Keys);
        Assert.True(result.Parameters > result.FusionParameters && result.FusionParameters > 0 && result.Flops > result.FusionFlops
            && result.FusionFlops > 0);
        Assert.Equal(["pick", "place"], result.Grounding.Select(g => g.Task).Distinct());
        Assert.True(result.Timing is
        {
            Machine: "here", TrainingSeconds: > 0, EvaluationSeconds: > 0, LatencyMilliseconds: > 0,
            LearningSeconds.Count: 2
        });

        var films = store.FindFilms(result.Key)!.Films;
        Assert.NotEmpty(films);
        Assert.All(films, film => Assert.All(film.Frames, frame => Assert.Equal((film.Words.Count, film.Rows * film.Columns),
            (frame.Maps.Count, frame.Maps[0].Length))));
        Assert.True(PolicyFolder.Load(store.PolicyFolder(result.Key)).Policy.ParameterCount == result.Parameters);
        Assert.Null(store.Begun(result.Key));
        Assert.True(new FileInfo(Directory.GetFiles(Path.Combine(_folder, "a", "cells")).Single()).Length < 60_000);

        var again = new CellRunner(store).Run(Cell, status: _ => Assert.Fail("it was run again"));
        Assert.Equal(Text(result), Text(again));
    }

    [Fact]
    public void What_was_kept_from_it_in_training_is_kept_from_it_in_tests()
    {
        var store = Store("deaf");
        var deaf = new CellRunner(store).Run(Cell with { Recipe = Cell.Recipe with { Control = PolicyControl.NoLanguage } });
        Assert.Empty(deaf.Grounding);
        var (policy, test) = (PolicyFolder.Load(store.PolicyFolder(deaf.Key)), deaf.Tests[0]);
        Assert.Equal(test.TargetErrorCentimetres, Error(PolicyControl.NoLanguage));
        Assert.NotEqual(test.TargetErrorCentimetres, Error(PolicyControl.None));

        double Error(PolicyControl control) => TestRecord.Of(TabletopEvaluation.Run(policy, RobotTasks.Find(test.Task),
            Split.Find(test.Split),
            new EvaluationOptions { Episodes = test.Episodes, Seed = test.Seed }, 1, control), control).TargetErrorCentimetres;
    }

    [Fact]
    public void Killed_at_any_point_it_goes_on_and_the_result_is_the_same_but_for_the_clock()
    {
        var whole = new CellRunner(Store("whole")).Run(Cell);
        var phases = new List<CellPhase>();

        // An exception out of the middle leaves no time to save anything, as a kill would; one call in three is asked to stop instead.
        for (var attempt = 1; ; attempt++)
        {
            using var stop = new CancellationTokenSource();
            var left = 2 + attempt % 2;
            try
            {
                var result = new CellRunner(Store("parts")).Run(Cell, status: status =>
                {
                    phases.Add(status.Phase);
                    if (--left > 0) return;
                    if (attempt % 3 == 0) stop.Cancel();
                    else throw new TimeoutException();
                }, cancellation: stop.Token);
                Assert.Equal(Text(whole), Text(result));
                Assert.Equal(File.ReadAllBytes(Directory.GetFiles(Path.Combine(_folder, "whole", "films")).Single()),
                    File.ReadAllBytes(Directory.GetFiles(Path.Combine(_folder, "parts", "films")).Single()));
                break;
            }
            catch (Exception killed) when (killed.GetBaseException() is TimeoutException or OperationCanceledException)
            {
                Assert.True(attempt < 60, "it never ends");
            }
        }

        Assert.Equal([CellPhase.Training, CellPhase.Validating, CellPhase.Testing], phases.Distinct().Order());
        Assert.True(phases.Count(p => p == CellPhase.Training) > 8, "no step was repeated: nothing was killed in training");
    }

    [Fact]
    public void A_teacher_whose_weights_are_gone_is_trained_again_and_says_how_far_it_is()
    {
        var store = Store("taught");
        var teacher = new CellRunner(store).Run(Cell);
        Directory.Delete(store.PolicyFolder(teacher.Key), recursive: true);
        var phases = new List<CellPhase>();
        new CellRunner(store).Run(Cell with { Teacher = new CellTeacher(teacher.Key, new DistillationOptions()) }, status: status =>
            phases.Add(status.Phase));
        Assert.Equal([CellPhase.Teacher, CellPhase.Training, CellPhase.Validating, CellPhase.Testing], phases.Distinct());
        Assert.Equal(Cell.Recipe.Steps, phases.Count(p => p == CellPhase.Teacher) - 1);
        Assert.True(Directory.Exists(store.PolicyFolder(teacher.Key)));
    }

    [Fact]
    public void Another_seed_gives_another_result()
    {
        var one = new CellRunner(Store("a")).Run(Cell, keepPolicy: false);
        var two = new CellRunner(Store("a")).Run(Cell with { Recipe = Cell.Recipe with { Seed = 1 } }, keepPolicy: false);
        Assert.NotEqual(one.Losses.Loss, two.Losses.Loss);
        Assert.False(Directory.Exists(Path.Combine(_folder, "a", "policies")));
        Assert.Equal(2, Directory.GetFiles(Path.Combine(_folder, "a", "cells")).Length);
    }

    [Fact]
    public void A_damaged_file_is_named_with_what_to_do_and_another_cells_file_is_not_taken()
    {
        var store = Store("a");
        var result = new CellRunner(store).Run(Cell, keepPolicy: false);
        var path = Directory.GetFiles(Path.Combine(_folder, "a", "cells")).Single();
        var whole = File.ReadAllText(path);
        File.WriteAllText(path, whole[..^40]);
        var error = Assert.Throws<FileFormatException>(() => new CellRunner(store).Run(Cell));
        Assert.StartsWith($"{path}: is damaged", error.Message);
        Assert.EndsWith("; remove it and the cell runs again", error.Message);
        Assert.Equal(1, error.Message.Split(path).Length - 1);
        File.WriteAllText(path, whole.Replace(result.Key, "0123456789abcdef", StringComparison.Ordinal));
        Assert.Contains("holds the cell '0123456789abcdef'",
            Assert.Throws<FileFormatException>(() => new CellRunner(store).Run(Cell)).Message);
        File.Delete(path);
        Assert.Equal(Text(result), Text(new CellRunner(store).Run(Cell, keepPolicy: false)));

        // What an unfinished cell had measured.
        var other = Cell with { Recipe = Cell.Recipe with { Seed = 3 } };
        var progress = Path.Combine(_folder, "a", "work", CellKey.Of(other), "progress.json");
        Directory.CreateDirectory(Path.GetDirectoryName(progress)!);
        File.WriteAllText(progress, "{");
        error = Assert.Throws<FileFormatException>(() => new CellRunner(store).Run(other));
        Assert.StartsWith(Path.Combine(store.Begun(CellKey.Of(other))!, "progress.json"), error.Message);
        Assert.Contains("and the cell begins anew", error.Message);
    }

    [Fact]
    public void What_cannot_be_written_is_said_and_nothing_is_lost()
    {
        var store = Store("a");
        Directory.CreateDirectory(Path.Combine(_folder, "a"));
        var obstacle = Path.Combine(_folder, "a", "cells");
        File.WriteAllText(obstacle, "a file where a folder should be");
        var error = Assert.Throws<IOException>(() => new CellRunner(store).Run(Cell));
        Assert.StartsWith(obstacle, error.Message);
        File.Delete(obstacle);
        var phases = new List<CellPhase>();
        new CellRunner(store).Run(Cell, status: s => phases.Add(s.Phase));
        Assert.Empty(phases);
    }

    [Fact]
    public void A_run_whose_loss_becomes_infinite_is_a_result_too()
    {
        var result = new CellRunner(Store("a")).Run(Cell with { Recipe = Cell.Recipe with { LearningRate = 1e30 } });
        Assert.Contains("step", result.Diverged);
        Assert.Empty(result.Tests);
        Assert.NotEmpty(result.Losses.Loss);
        Assert.NotNull(Store("a").Find(result.Key));
    }

    private CellStore Store(string name) => new(Path.Combine(_folder, name));

    private static string Text(CellResult cell) =>
        JsonSerializer.Serialize(cell with { Timing = new CellTiming("", 0, 0, 0, []) }, ExperimentFile.Json);
}
