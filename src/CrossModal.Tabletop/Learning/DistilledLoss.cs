using CrossModal.Engine.Kernels;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Policies;
using CrossModal.Tabletop.Language;
using CrossModal.Training;

namespace CrossModal.Tabletop.Learning;

/// <summary>The loss of a student: what it owes to the expert, and what to a teacher with the same scenes and instructions.</summary>
internal sealed class DistilledLoss : ReplayedLoss
{
    private readonly TabletopLoss _expert;
    private readonly TabletopTeacher _teacher;
    private readonly WordAttention? _attention;
    private readonly Tensor? _regions;
    private readonly Tensor _moves;
    private readonly Tensor _close;
    private readonly Tensor _points;
    private readonly Tensor _fused;
    private readonly Tensor? _maps;
    private readonly List<(string Name, Tensor Term)> _terms = [];

    /// <summary>Makes the loss.</summary>
    /// <param name="expert">What is owed to the expert.</param>
    /// <param name="student">The student.</param>
    /// <param name="teacher">The teacher.</param>
    /// <param name="instructions">Instructions of a batch.</param>
    /// <exception cref="ArgumentException">The student cannot learn from this teacher.</exception>
    public DistilledLoss(TabletopLoss expert, LanguagePolicy student, TabletopTeacher teacher, int instructions)
    {
        (_expert, _teacher) = (expert, teacher);
        var (mine, theirs) = (student.Options, teacher.Trained.Policy.Options);
        if ((mine.ImageSize, mine.Head.Points, mine.Fusion.Views, mine.Words, mine.TextWidth, mine.Perception.PastFrames)
            != (theirs.ImageSize, theirs.Head.Points, theirs.Fusion.Views, theirs.Words, theirs.TextWidth, theirs.Perception.PastFrames))
            throw new ArgumentException(
                "DistilledLoss: student and teacher must have the same pictures, points, cameras, words and past frames",
                nameof(teacher));
        _moves = Tensor.Zeros([instructions, mine.Actions]);
        _close = Tensor.Zeros([instructions, 1]);
        _points = Tensor.Zeros([instructions, 3 * mine.Head.Points]);
        _fused = Tensor.Zeros([instructions, theirs.Fusion.Width]);
        if (teacher.Attention is not { } target) return;
        _attention = WordAttention.Of(student) is [.., var last] ? last
            : throw new ArgumentException(
                $"DistilledLoss: the words of {mine.Strategy} attend to no patch; it cannot learn attention weights",
                nameof(student));
        _regions = Distillation.RegionMap(target.Grid, _attention.Grid);
        _maps = Tensor.Zeros([instructions, Vocabulary.MostWords, _attention.Pictures * _attention.Grid.Count]);
    }

    /// <inheritdoc/>
    public override void Fill(TrainingBatch batch)
    {
        _expert.Fill(batch);
        var trace = _maps is null ? null : new AttentionTrace();
        using var pass = Pass.Evaluation(trace, Workers.Single);
        var outputs = _teacher.Trained.Policy.Forward(_expert.Input, pass);
        outputs.Action.Span.CopyTo(_moves.Span);
        pass.Sigmoid(outputs.Close!).Span.CopyTo(_close.Span);
        outputs.Points!.Span.CopyTo(_points.Span);
        outputs.Fused!.Span.CopyTo(_fused.Span);
        if (_maps is null) return;
        var maps = _teacher.Attention!.Read(trace![_teacher.Attention.Layer], pass);

        // Picture by picture; the numbers of their patches may differ.
        var (rows, pictures) = (maps.Shape[0], _attention!.Pictures);
        pass.MatMul(pictures == 1 ? maps : pass.Reshape(maps, [rows, maps.Shape[1] * pictures, maps.Shape[2] / pictures]), _regions!)
            .Span.CopyTo(_maps.Span);
    }

    /// <inheritdoc/>
    public override Tensor Build(Pass pass)
    {
        var trace = _attention is null ? null : AttentionTrace.WithGradients(_attention.Layer);
        var loss = trace is null ? _expert.Build(pass) : pass.Traced(trace, () => _expert.Build(pass));
        var (decided, options) = (_expert.Decided, _teacher.Options);
        Add("taught_action", options.Action, () =>
            TabletopLoss.Sum(pass, pass.MeanSquaredError(decided.Action, _moves), pass.BinaryCrossEntropy(decided.Close!, _close),
            pass.SmoothL1(decided.Points!, _points, TabletopLoss.TargetBeta), _teacher.Trained.Policy.Options.Head.Points));
        Add("taught_feature", options.Feature, () => Distillation.FeatureLoss(pass, decided.Fused!, _fused));
        if (trace is not null)
        {
            Add("taught_attention", options.Attention, () =>
                Distillation.AttentionLoss(pass, _attention!.Read(trace[_attention.Layer], pass), _maps!,
                _expert.Input.Mask!.Presence(pass)));
        }

        return loss;

        void Add(string name, float weight, Func<Tensor> term)
        {
            if (weight == 0) return;
            var value = term();
            _terms.Add((name, value));
            loss = pass.Add(loss, pass.Scale(value, weight));
        }
    }

    /// <inheritdoc/>
    public override void Computed(TrainingBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        _expert.Computed(batch);
        foreach (var (name, term) in _terms) batch.Report(name, term.Item());
    }
}
