using System.Numerics.Tensors;
using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Pretraining;
using CrossModal.Training;
using Tensor = CrossModal.Engine.Tensors.Tensor;

namespace CrossModal.Tabletop.Pretraining;

/// <summary>The sum of the pre-training losses over one batch on one thread: everything in a batch is contrasted with everything else in
/// it.</summary>
internal sealed class PretrainingLoss : ReplayedLoss
{
    // CLIP's limit: a temperature of 0.01.
    private static readonly float HighestScale = MathF.Log(100);
    private readonly PretrainingModel _model;
    private readonly PretrainingRecipe _recipe;
    private readonly CaptionSource _source;
    private readonly PretrainingBatch _batch;
    private readonly PairPlan _pairs;
    private readonly MomentumEncoder? _momentum;
    private readonly Tensor _matches;
    private readonly Tensor _momentumTexts;
    private readonly Tensor _momentumImages;
    private readonly float[] _similarity;
    private readonly List<(string Name, Tensor Loss)> _parts = [];

    /// <summary>Prepares batches of the recipe's size.</summary>
    /// <param name="model">The model.</param>
    /// <param name="recipe">The objectives.</param>
    /// <param name="source">Captions and scenes.</param>
    /// <param name="momentum">The averaged weights' embeddings, which the queue is filled with; null without a queue.</param>
    public PretrainingLoss(PretrainingModel model, PretrainingRecipe recipe, CaptionSource source, MomentumEncoder? momentum)
    {
        (_model, _recipe, _source, _momentum) = (model, recipe, source, momentum);
        var scenes = recipe.Scenes;
        _batch = new PretrainingBatch(model, scenes, recipe.Language);
        _pairs = new PairPlan(recipe.Objectives, scenes, model.Policy.Options.MaxWords);
        _matches = Tensor.Zeros([3 * scenes, 1]);
        _matches.Span[..scenes].Fill(1);
        (_momentumTexts, _momentumImages) = (Tensor.Zeros([scenes, recipe.Embedding]), Tensor.Zeros([scenes, recipe.Embedding]));
        _similarity = new float[scenes * scenes];
    }

    /// <inheritdoc/>
    public override void Fill(TrainingBatch batch)
    {
        _model.LogitScale.Span[0] = Math.Min(_model.LogitScale.Span[0], HighestScale);
        _batch.Draw(_source, i => (long)batch.Step * _recipe.Scenes + i);
        if (Has(PretrainingObjectives.Words)) _batch.HideWords(batch.Random);
        if (Has(PretrainingObjectives.Patches)) _batch.HidePatches(batch.Random);
        _momentum?.Embed(_batch, _momentumTexts, _momentumImages);
        if (Has(PretrainingObjectives.Matching)) Compare();
        _pairs.Draw(_similarity, (i, j) => _batch.Caption(i) == _batch.Caption(j), _batch.Scores, batch.Random);
    }

    /// <inheritdoc/>
    public override Tensor Build(Pass pass)
    {
        var input = new PretrainingInput(_batch.Images, _batch.Words, Mask.Additive(_batch.Scores), _pairs.TextRows, _pairs.ImageRows,
            _pairs.Scores);
        var output = _model.Forward(input, Has(PretrainingObjectives.Words), Has(PretrainingObjectives.Patches), pass);
        if (Has(PretrainingObjectives.Contrastive)) _parts.Add(("contrastive", Contrast(output, pass)));
        if (Has(PretrainingObjectives.Matching))
            _parts.Add(("matching", pass.BinaryCrossEntropy(pass.Slice(output.Matches, 0, 0, 3 * _recipe.Scenes), _matches)));
        if (output.HiddenWords is { } words)
            _parts.Add(("words", pass.CrossEntropy(words, _batch.WordTargets, ignore: PretrainingBatch.NotAsked)));
        if (output.HiddenPatches is { } patches) _parts.Add(("patches", Paint(patches, pass)));
        return _parts.Select(p => p.Loss).Aggregate(pass.Add);
    }

    /// <inheritdoc/>
    public override void Computed(TrainingBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        foreach (var (name, loss) in _parts) batch.Report(name, loss.Item());

        // The loss has looked at the queue; what the way back needs of it is kept in the record.
        if (_momentum is not null) _model.Queue!.Enter(_momentumTexts.Span, _momentumImages.Span, batch.Step);
    }

    private bool Has(PretrainingObjectives objective) => _recipe.Objectives.HasFlag(objective);

    private Tensor Contrast(PretrainingOutput output, Pass pass)
    {
        if (_momentum is null) return pass.InfoNce(output.Texts, output.Images, _model.LogitScale).Loss;
        var queue = _model.Queue!;
        var (texts, images) = (pass.L2Normalize(output.Texts), pass.L2Normalize(output.Images));
        return pass.Scale(pass.Add(Against(texts, _momentumImages, queue.Images), Against(images, _momentumTexts, queue.Texts)), 0.5f);

        Tensor Against(Tensor asking, Tensor partners, Tensor others)
        {
            var own = Tensor.Zeros([_recipe.Scenes]);
            for (var i = 0; i < _recipe.Scenes; i++) own.Span[i] = i;
            var similarity = pass.MatMul(asking, pass.Concat(0, partners, others), transposeB: true);
            return pass.CrossEntropy(pass.Multiply(similarity, pass.Exp(_model.LogitScale)), own);
        }
    }

    /// <summary>Mean squared error of the hidden patches' pixels.</summary>
    private Tensor Paint(Tensor patches, Pass pass)
    {
        var off = pass.Multiply(pass.Subtract(patches, _batch.PatchTargets), _batch.PatchWeights);
        return pass.Scale(pass.Sum(pass.Square(off)), 1f / (_recipe.Scenes * _batch.HiddenPatches * _batch.PatchTargets.Shape[2]));
    }

    /// <summary>How alike the batch's captions and scenes are to the model as it is, <c>[B, B]</c> logits.</summary>
    private void Compare()
    {
        var (texts, images) = (_momentumTexts, _momentumImages);
        if (_momentum is null) MomentumEncoder.Embed(_model, _batch, texts, images);
        var (scale, width) = (MathF.Exp(_model.LogitScale.Span[0]), _recipe.Embedding);
        for (var i = 0; i < _recipe.Scenes; i++)
            for (var j = 0; j < _recipe.Scenes; j++)
                _similarity[i * _recipe.Scenes + j] = scale * TensorPrimitives.Dot<float>(texts.Span.Slice(i * width, width),
                    images.Span.Slice(j * width, width));
    }
}
