using CrossModal.Engine.Tensors;
using CrossModal.Language;
using CrossModal.Policies;
using CrossModal.Pretraining;
using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Learning;

namespace CrossModal.Tabletop.Pretraining;

/// <summary>Captions and scenes as a model's inputs: whole ones in the first half, the same with words and patches hidden in the
/// second.</summary>
internal sealed class PretrainingBatch
{
    /// <summary>Target of a word that is not asked for.</summary>
    public const int NotAsked = -100;

    // Where nothing is to be seen: the middle of the range of colours.
    private const float Hidden = 0.5f;
    private readonly int _scenes;
    private readonly int _patchSize;
    private readonly WordTokenizer _tokenizer;
    private readonly TabletopCamera _camera;
    private readonly CameraFrame _frame;
    private readonly ObservationEncoder _encoder;
    private readonly string[] _captions;
    private readonly int[] _order;

    /// <summary>Memory for a number of scenes.</summary>
    /// <param name="model">The model.</param>
    /// <param name="scenes">Their number.</param>
    /// <param name="language">Language of the captions.</param>
    public PretrainingBatch(PretrainingModel model, int scenes, InstructionLanguage language = InstructionLanguage.English)
    {
        _tokenizer = TabletopPolicy.TokenizerOf(language);
        var (options, patches) = (model.Policy.Options, model.Policy.Grid.Count);
        (_scenes, _patchSize) = (scenes, model.PatchSize);
        (_camera, _frame) = (new TabletopCamera(options.ImageSize), new CameraFrame(options.ImageSize));
        _encoder = new ObservationEncoder(TabletopSignature.Of(1), options.ImageSize, TabletopSignature.States);
        _captions = new string[2 * scenes];
        _order = new int[patches];
        Images = Tensor.Zeros([2 * scenes, 3, options.ImageSize, options.ImageSize]);
        Words = Tensor.Zeros([2 * scenes, options.MaxWords]);
        Scores = Tensor.Zeros([2 * scenes, 1, 1, options.MaxWords]);
        WordTargets = Tensor.Zeros([scenes, options.MaxWords]);
        PatchTargets = Tensor.Zeros([scenes, patches, 3 * _patchSize * _patchSize]);
        PatchWeights = Tensor.Zeros([scenes, patches, 1]);
        HiddenPatches = Math.Max(1, (int)(PretrainingRecipe.HiddenPatches * patches));
    }

    /// <summary>Images <c>[2 B, 3, H, W]</c>.</summary>
    public Tensor Images { get; }

    /// <summary>Word numbers <c>[2 B, Nl]</c>.</summary>
    public Tensor Words { get; }

    /// <summary>Scores of their mask <c>[2 B, 1, 1, Nl]</c>.</summary>
    public Tensor Scores { get; }

    /// <summary>The hidden words, <see cref="NotAsked"/> elsewhere, <c>[B, Nl]</c>.</summary>
    public Tensor WordTargets { get; }

    /// <summary>Pixels of all patches, from 0 to 1, <c>[B, Nv, 3 p²]</c>.</summary>
    public Tensor PatchTargets { get; }

    /// <summary>1 for a hidden patch, 0 for others, <c>[B, Nv, 1]</c>.</summary>
    public Tensor PatchWeights { get; }

    /// <summary>Patches hidden in each image.</summary>
    public int HiddenPatches { get; }

    /// <summary>The caption of a scene.</summary>
    public string Caption(int scene) => _captions[scene];

    /// <summary>Puts in scenes of a source, by their numbers.</summary>
    public void Draw(CaptionSource source, Func<int, long> number)
    {
        var pixels = 3 * _frame.Size * _frame.Size;
        for (var i = 0; i < _scenes; i++)
        {
            var drawn = source.Draw(number(i));
            _captions[i] = _captions[_scenes + i] = drawn.Caption;
            _camera.Render(drawn.Scene, _frame);
            var image = Images.Span.Slice(i * pixels, pixels);
            _encoder.Encode(_frame.ToFrame(), image);
            image.CopyTo(Images.Span.Slice((_scenes + i) * pixels, pixels));
        }

        _tokenizer.EncodeBatch(_captions, Words, Scores);
    }

    /// <summary>Hides words in the second half: of those chosen 80 % become unknown, 10 % another word, 10 % stay (Devlin et al. 2019,
    /// section 3.1).</summary>
    public void HideWords(RandomSource random)
    {
        var most = Words.Shape[1];
        for (var i = 0; i < _scenes; i++)
        {
            var words = Words.Span.Slice((_scenes + i) * most, most);
            var targets = WordTargets.Span.Slice(i * most, most);
            var count = Scores.Span.Slice(i * most, most).IndexOf(float.NegativeInfinity) is var end and >= 0 ? end : most;
            var one = random.NextInt(count);
            for (var w = 0; w < most; w++)
            {
                // At least one word is asked for, so that every caption contributes to the loss.
                var asked = w < count && (w == one | random.NextSingle() < PretrainingRecipe.HiddenWords);
                targets[w] = asked ? words[w] : NotAsked;
                if (!asked) continue;
                var dice = random.NextSingle();
                if (dice < 0.8f) words[w] = WordTokenizer.UnknownId;
                else if (dice < 0.9f) words[w] =
                    WordTokenizer.UnknownId + 1 + random.NextInt(_tokenizer.Count - WordTokenizer.UnknownId - 1);
            }
        }
    }

    /// <summary>Hides patches in the second half, as many in every image.</summary>
    public void HidePatches(RandomSource random)
    {
        var (side, values) = (_frame.Size, PatchTargets.Shape[2]);
        PatchWeights.Span.Clear();
        for (var i = 0; i < _scenes; i++)
        {
            // In order first: what is hidden must not depend on the batches before.
            for (var p = 0; p < _order.Length; p++) _order[p] = p;
            random.Shuffle<int>(_order);
            for (var p = 0; p < _order.Length; p++)
            {
                var targets = PatchTargets.Span.Slice((i * _order.Length + _order[p]) * values, values);
                Read(i, _order[p], targets);
                if (p >= HiddenPatches) continue;
                PatchWeights.Span[i * _order.Length + _order[p]] = 1;
                Cover(_scenes + i, _order[p]);
            }
        }

        void Read(int image, int patch, Span<float> into)
        {
            for (var line = 0; line < 3 * _patchSize; line++) Line(image, patch, line).CopyTo(into[(line * _patchSize)..]);
        }

        void Cover(int image, int patch)
        {
            for (var line = 0; line < 3 * _patchSize; line++) Line(image, patch, line).Fill(Hidden);
        }

        Span<float> Line(int image, int patch, int line)
        {
            var (perRow, plane, row) = (side / _patchSize, line / _patchSize, line % _patchSize);
            var start = ((image * 3 + plane) * side + patch / perRow * _patchSize + row) * side + patch % perRow * _patchSize;
            return Images.Span.Slice(start, _patchSize);
        }
    }
}
