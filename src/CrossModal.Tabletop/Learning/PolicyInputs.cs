using CrossModal.Attention;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Language;
using CrossModal.Policies;
using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Data;
using CrossModal.Tabletop.Simulation;

namespace CrossModal.Tabletop.Learning;

/// <summary>Fills the inputs of a policy from pictures, sentences and states of the tabletop.</summary>
internal sealed class PolicyInputs
{
    private readonly PolicyControl _control;
    private readonly int _views;
    private readonly ObservationEncoder _encoder;
    private readonly Tensor _images;
    private readonly Tensor? _past;
    private readonly Tensor? _there;
    private readonly Tensor _proprioception;
    private readonly string[] _texts;

    /// <summary>Memory for <paramref name="images"/> pictures of each camera and <paramref name="instructions"/> sentences, borrowed for a
    /// pass or, without one, its own; and for <paramref name="past"/> earlier pictures of each.</summary>
    public PolicyInputs(int images, int instructions, int imageSize, PolicyControl control, Pass? pass = null, int views = 1, int past = 0)
    {
        Shape pictures = views == 1 ? [images, 3, imageSize, imageSize] : [images, views, 3, imageSize, imageSize],
            states = [instructions, Proprioception.Length];
        (_control, _views) = (control, views);
        _encoder = new ObservationEncoder(TabletopSignature.Of(views), imageSize, TabletopSignature.States);
        _images = pass?.Rent(pictures) ?? Tensor.Zeros(pictures);
        _proprioception = pass?.Rent(states) ?? Tensor.Zeros(states);
        _texts = new string[instructions];
        if (past == 0) return;
        (_past, _there) = (Tensor.Zeros([images, past, .. pictures.Skip(1)]), Tensor.Full([images, 1, 1, past], float.NegativeInfinity));
    }

    /// <summary>How many earlier pictures of each there is room for.</summary>
    public int Past => _there?.Shape[3] ?? 0;

    /// <summary>Sets the robot's state for one instruction, <c>[5]</c> as <see cref="Proprioception"/> gives it.</summary>
    public void SetState(int instruction, ReadOnlySpan<float> state) =>
        TabletopSignature.States.Apply(state, _proprioception.Span.Slice(instruction * Proprioception.Length, Proprioception.Length));

    /// <summary>Sets the picture of a camera.</summary>
    public void SetImage(int index, CameraFrame frame, int view = 0) => Set(_images, index * _views + view, frame);

    /// <summary>Sets the picture that a camera took some control steps ago, from 1.</summary>
    public void SetPast(int index, int age, CameraFrame frame, int view)
    {
        var number = index * Past + age - 1;
        Set(_past!, number * _views + view, frame);
        _there!.Span[number] = 0;
    }

    /// <summary>Sets the pictures of the control steps before a training sample.</summary>
    /// <param name="index">Which picture's.</param>
    /// <param name="sample">The sample.</param>
    /// <param name="seed">Seed of the sample.</param>
    /// <param name="cameras">The cameras.</param>
    /// <param name="frames">Memory for a picture of each.</param>
    /// <param name="appearance">Light, texture and paint of the sample.</param>
    public void SetPast(int index, TrainingSample sample, ulong seed, CameraRig cameras, CameraFrame[] frames, Appearance? appearance)
    {
        ClearPast(index);
        foreach (var (i, before) in PastStates.Before(sample, seed, Past).Index())
        {
            cameras.Render(before, frames, appearance);
            for (var view = 0; view < frames.Length; view++) SetPast(index, i + 1, frames[view], view);
        }
    }

    /// <summary>Says that there are no earlier pictures, until they are set.</summary>
    public void ClearPast(int index) => _there?.Span.Slice(index * Past, Past).Fill(float.NegativeInfinity);

    private void Set(Tensor pictures, int number, CameraFrame frame)
    {
        var pixels = frame.Size * frame.Size;
        var planes = pictures.Span.Slice(number * 3 * pixels, 3 * pixels);
        if (_control == PolicyControl.NoVision)
        {
            planes.Clear();
            return;
        }

        _encoder.Encode(frame.ToFrame(), planes);
    }

    /// <summary>Sets a sentence.</summary>
    public void SetText(int index, string text) => _texts[index] = _control == PolicyControl.NoLanguage ? WordTokenizer.Unknown : text;

    /// <summary>The inputs, once everything is set.</summary>
    public PolicyInput ToInput(WordTokenizer tokenizer, int maxWords)
    {
        var (ids, mask) = tokenizer.EncodeBatch(_texts, maxWords);
        return ToInput(ids, mask);
    }

    /// <summary>The sentences.</summary>
    public IReadOnlyList<string> Texts => _texts;

    /// <summary>The inputs with words encoded elsewhere.</summary>
    public PolicyInput ToInput(Tensor words, Mask mask) => new(_images, words, mask, _proprioception)
    {
        Past = _past is null ? null : new PastFrames(_past, Mask.OfScores(_there!)),
    };
}
