using CrossModal.Encoders;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Language;
using CrossModal.Policies;
using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Data;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Scenes;
using CrossModal.Tabletop.Simulation;
using CrossModal.Training;

namespace CrossModal.Tabletop.Learning;

/// <summary>How far a policy is from the expert on a number of scenes: movement, closing, and the place it points at.</summary>
/// <param name="policy">The policy.</param>
/// <param name="tokenizer">Its words.</param>
/// <param name="samples">Where scenes and labels come from.</param>
/// <param name="cameras">Draw the scenes.</param>
/// <param name="recipe">How the policy learns.</param>
/// <param name="scenes">Number of scenes.</param>
internal sealed class TabletopLoss(LanguagePolicy policy, WordTokenizer tokenizer, SampleSource samples, CameraRig cameras,
    TabletopRecipe recipe, int scenes) : ReplayedLoss
{
    private const float CloseWeight = 0.5f;
    private const float ClosePositiveWeight = 2;
    private const float TargetWeight = 4;
    internal const float TargetBeta = 0.02f;
    private readonly CameraFrame[] _frames = cameras.NewFrames();
    private readonly PolicyInputs _batch = new(scenes, scenes * recipe.Instructions, policy.Options.ImageSize, recipe.Control,
        views: cameras.Cameras.Count, past: policy.Options.Perception.PastFrames);
    private readonly TextInputs _texts = new(tokenizer, scenes * recipe.Instructions, Vocabulary.MostWords);
    private readonly Tensor _moves = Tensor.Zeros([scenes * recipe.Instructions, 3]);
    private readonly Tensor _close = Tensor.Zeros([scenes * recipe.Instructions, 1]);
    private readonly Tensor _targets = Tensor.Zeros([scenes * recipe.Instructions, 3 * recipe.Levers.Points]);
    private readonly PatchCues? _cues = recipe.Levers.CueWeight > 0
        ? new PatchCues(scenes, policy.Grid, cameras, recipe.Levers.UnnamedColors > 0) : null;
    private Tensor? _moveLoss;
    private Tensor? _closeLoss;
    private Tensor? _pointed;
    private Tensor? _cueLoss;

    /// <summary>What the policy is given, written anew by every <see cref="Fill"/>; states of a text encoder that is tuned are computed by
    /// the pass instead.</summary>
    public PolicyInput Input => field ??= _batch.ToInput(_texts.Given, _texts.Mask);

    /// <summary>What it decides; known once the loss is built.</summary>
    public PolicyOutput Decided { get; private set; } = null!;

    /// <summary>Movement, closing and points, each with its weight.</summary>
    internal static Tensor Sum(Pass pass, Tensor move, Tensor close, Tensor target, int points) =>
        pass.Add(pass.Add(move, pass.Scale(close, CloseWeight)), pass.Scale(target, TargetWeight * points));

    /// <inheritdoc/>
    public override void Fill(TrainingBatch batch)
    {
        for (var i = 0; i < scenes; i++)
        {
            var number = (long)batch.Step * recipe.Scenes + batch.First + i;
            var sample = samples.Draw(number, recipe.SmallSceneShare(batch.Step));
            var appearance = recipe.Variation == SceneVariation.Varied
                ? Appearance.Draw(RandomSource.DeriveSeed(recipe.Seed, (ulong)number)) : null;
            cameras.Render(sample.Scene, _frames, appearance);
            for (var view = 0; view < _frames.Length; view++)
            {
                _batch.SetImage(i, _frames[view], view);
                _cues?.Set(i, view, sample.Scene, _frames[view]);
            }

            if (_batch.Past > 0)
                _batch.SetPast(i, sample, RandomSource.DeriveSeed(recipe.Seed, (ulong)number), cameras, _frames, appearance);
            for (var j = 0; j < recipe.Instructions; j++) Set(i * recipe.Instructions + j, sample, sample.Instructions[j]);
        }

        _texts.Fill(_batch.Texts);
    }

    /// <inheritdoc/>
    public override Tensor Build(Pass pass)
    {
        var decided = Decided = policy.Forward(Input with { Words = _texts.Words(pass) }, pass);
        _pointed = decided.Points!;
        _moveLoss = pass.MeanSquaredError(decided.Action, _moves);
        _closeLoss = pass.BinaryCrossEntropy(decided.Close!, _close, ClosePositiveWeight);
        var targetLoss = pass.SmoothL1(_pointed, _targets, TargetBeta);
        var loss = Sum(pass, _moveLoss, _closeLoss, targetLoss, recipe.Levers.Points);
        if (_cues is null) return loss;
        _cueLoss = _cues.Loss(decided.Cues!, pass);
        return pass.Add(loss, pass.Scale(_cueLoss, recipe.Levers.CueWeight));
    }

    /// <inheritdoc/>
    public override void Computed(TrainingBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        batch.Report("move", _moveLoss!.Item());
        batch.Report("close", _closeLoss!.Item());
        batch.Report("target_cm", MeanDistance(_pointed!, _targets));
        if (_cueLoss is not null) batch.Report("cues", _cueLoss.Item());
    }

    private void Set(int row, TrainingSample sample, LabeledInstruction label)
    {
        // Words of the next scene of the batch, which say nothing of this one.
        var told = recipe.Control == PolicyControl.ShuffledInstruction ? (row + recipe.Instructions) % (scenes * recipe.Instructions) : row;
        _batch.SetText(told, label.Instruction.Text);
        Span<float> state = stackalloc float[Proprioception.Length];
        Proprioception.Write(sample.Scene, state);
        _batch.SetState(row, state);
        _moves[row, 0] = label.Action.Dx / RobotAction.MaxStep;
        _moves[row, 1] = label.Action.Dy / RobotAction.MaxStep;
        _moves[row, 2] = label.Action.Dz / RobotAction.MaxStep;
        _close[row, 0] = label.Action.Close ? 1 : 0;
        if (recipe.Levers.Points == 1)
        {
            SetPoint(row, 0, label.Points.Heading);
            return;
        }

        SetPoint(row, 0, label.Points.Thing);
        SetPoint(row, 1, label.Points.Place);
    }

    private void SetPoint(int row, int index, Point point) =>
        (_targets[row, 3 * index], _targets[row, 3 * index + 1], _targets[row, 3 * index + 2]) = (point.X, point.Y, point.Z);

    /// <summary>Mean horizontal distance between where the policy points and where the expert heads, centimetres.</summary>
    private static double MeanDistance(Tensor pointed, Tensor targets)
    {
        const float CentimetresPerUnit = 100 * Board.HalfSide;
        double sum = 0;
        for (var i = 0; i < pointed.Shape[0]; i++)
        {
            var (dx, dy) = (pointed[i, 0] - targets[i, 0], pointed[i, 1] - targets[i, 1]);
            sum += Math.Sqrt(dx * dx + dy * dy);
        }

        return CentimetresPerUnit * sum / pointed.Shape[0];
    }
}
