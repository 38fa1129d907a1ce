using System.Text.Json;
using CrossModal.Data;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Models;
using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Data;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Simulation;
using CrossModal.Tabletop.Tasks;
using CrossModal.Training;

namespace CrossModal.Tabletop.Learning;

/// <summary>Trains a policy on the tabletop.</summary>
public sealed class TabletopTrainer
{
    private const float CloseWeight = 0.5f;
    private const float ClosePositiveWeight = 2;
    private const float TargetWeight = 4;
    private const float TargetBeta = 0.02f;
    private const int WarmUp = 100;
    private readonly TabletopRecipe _recipe;
    private readonly SampleSource _samples;
    private readonly TabletopCamera _camera;
    private readonly ThreadLocal<CameraFrame> _frame;
    private readonly LanguagePolicy _policy;

    /// <summary>Prepares a run.</summary>
    /// <param name="strategy">Name of the fusion strategy.</param>
    /// <param name="fusion">Its sizes.</param>
    /// <param name="recipe">How the policy learns.</param>
    /// <exception cref="ArgumentException">A name is unknown, or sizes do not fit.</exception>
    public TabletopTrainer(string strategy, FusionOptions fusion, TabletopRecipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        _recipe = recipe;
        var options = new PolicyOptions(strategy, fusion, TabletopPolicy.Tokenizer.Count, 3)
        {
            MaxWords = Vocabulary.MostWords, Proprioception = Proprioception.Length, Pointing = true,
        };
        _policy = new LanguagePolicy(options, new RandomSource(recipe.Seed));
        _samples = new SampleSource(recipe.Tasks.Select(RobotTasks.Find), new SampleOptions { Seed = recipe.Seed, InstructionsPerState = recipe.Instructions });
        _camera = new TabletopCamera(options.ImageSize);
        _frame = new ThreadLocal<CameraFrame>(() => new CameraFrame(options.ImageSize));
    }

    /// <summary>The policy; trained once <see cref="Run"/> has returned.</summary>
    public TrainedPolicy Policy => new(_policy, TabletopPolicy.Tokenizer, Normalization.Identity(3), Normalization.Identity(Proprioception.Length),
        $"tabletop/{string.Join('+', _recipe.Tasks)}");

    /// <summary>Trains, or goes on from the newest checkpoint in the folder, and leaves the averaged weights in the policy.</summary>
    /// <param name="folder">Where checkpoints and the log go.</param>
    /// <param name="progress">Who watches.</param>
    /// <param name="cancellation">Stops after a step, with a checkpoint.</param>
    /// <exception cref="TrainingDivergedException">The loss is not finite.</exception>
    public TrainingSummary Run(string folder, ITrainingProgress? progress = null, CancellationToken cancellation = default)
    {
        var optimizer = new AdamW(ParameterGroups.WithoutDecayOnVectors(_policy, 0.01), _recipe.LearningRate, beta2: 0.98);
        var options = new TrainingOptions
        {
            Steps = _recipe.Steps, BatchSize = _recipe.Scenes, Seed = _recipe.Seed, Schedule = Schedule.Cosine(Math.Min(WarmUp, _recipe.Steps / 4), _recipe.Steps),
            ClipNorm = 1, AverageDecay = 0.99, CheckpointEvery = Math.Max(1, _recipe.Steps / 5), Shards = Math.Min(2, _recipe.Scenes),
        };
        var loop = new TrainingLoop(_policy, optimizer, options, Loss)
        {
            Progress = progress,
            Configuration = JsonSerializer.SerializeToNode(new { Policy = _policy.Options, Recipe = _recipe }, JsonSerializerOptions.Web),
        };
        var summary = loop.Resume(folder, cancellation);
        loop.Average!.CopyTo(_policy);
        return summary;
    }

    private Tensor Loss(Pass pass, TrainingBatch part)
    {
        var count = part.Count * _recipe.Instructions;
        var batch = new PolicyBatch(part.Count, count, _camera.Size, _recipe.Control, pass);
        var (moves, close, targets) = (pass.Rent([count, 3]), pass.Rent([count, 1]), pass.Rent([count, 3]));
        for (var i = 0; i < part.Count; i++)
        {
            var sample = _samples.Draw((long)part.Step * _recipe.Scenes + part.First + i, _recipe.SmallSceneShare(part.Step));
            _camera.Render(sample.Scene, _frame.Value!);
            batch.SetImage(i, _frame.Value!);
            for (var j = 0; j < _recipe.Instructions; j++)
                Set(i * _recipe.Instructions + j, sample, sample.Instructions[j]);
        }

        var decided = _policy.Forward(batch.ToInput(TabletopPolicy.Tokenizer, Vocabulary.MostWords), pass);
        var moveLoss = pass.MeanSquaredError(decided.Action, moves);
        var closeLoss = pass.BinaryCrossEntropy(decided.Close!, close, ClosePositiveWeight);
        var targetLoss = pass.SmoothL1(decided.Target!, targets, TargetBeta);
        part.Report("move", moveLoss.Item());
        part.Report("close", closeLoss.Item());
        part.Report("target_cm", MeanDistance(decided.Target!, targets));
        return pass.Add(pass.Add(moveLoss, pass.Scale(closeLoss, CloseWeight)), pass.Scale(targetLoss, TargetWeight));

        void Set(int row, TrainingSample sample, LabeledInstruction label)
        {
            batch.SetText(row, label.Instruction.Text);
            Proprioception.Write(sample.Scene, batch.Feelings(row));
            moves[row, 0] = label.Action.Dx / RobotAction.MaxStep;
            moves[row, 1] = label.Action.Dy / RobotAction.MaxStep;
            moves[row, 2] = label.Action.Dz / RobotAction.MaxStep;
            close[row, 0] = label.Action.Close ? 1 : 0;
            (targets[row, 0], targets[row, 1], targets[row, 2]) = (label.Target.X, label.Target.Y, label.Target.Z);
        }
    }

    /// <summary>Mean horizontal distance between where the policy points and where the expert heads, centimetres.</summary>
    private static double MeanDistance(Tensor pointed, Tensor targets)
    {
        const float CentimetresPerUnit = 100 * Scenes.Board.HalfSide;
        double sum = 0;
        for (var i = 0; i < pointed.Shape[0]; i++)
        {
            var (dx, dy) = (pointed[i, 0] - targets[i, 0], pointed[i, 1] - targets[i, 1]);
            sum += Math.Sqrt(dx * dx + dy * dy);
        }

        return CentimetresPerUnit * sum / pointed.Shape[0];
    }
}
