using CrossModal.Data;
using CrossModal.Encoders;
using CrossModal.Imaging;

namespace CrossModal.Policies;

/// <summary>Turns observations into a policy's inputs: pictures resized into its square as planes from 0 to 1, states normalised; or
/// features of a frozen vision encoder.</summary>
/// <remarks>Training, evaluation and the control loop all encode here. Not for several threads at once; allocates nothing after the first
/// frame of a size.</remarks>
internal sealed class ObservationEncoder
{
    private readonly PolicySignature _signature;
    private readonly Normalization? _states;
    private readonly FramePreprocessor _preprocessor;
    private readonly VisionEncoder? _vision;
    private readonly float[] _planes;

    /// <summary>An encoder for a trained policy.</summary>
    /// <exception cref="ArgumentException">The policy has more cameras than an observation holds.</exception>
    public ObservationEncoder(TrainedPolicy trained)
        : this(Given(trained).Signature, trained.Policy.Options.ImageSize, trained.States, trained.Vision)
    {
    }

    /// <summary>An encoder for a policy that is being trained.</summary>
    /// <param name="signature">Names of cameras and states.</param>
    /// <param name="imageSize">Side of the square, pixels.</param>
    /// <param name="states">How states are normalised; null when there are none.</param>
    /// <param name="vision">What makes features of pictures; null for pixels.</param>
    /// <exception cref="ArgumentException">There are more cameras than an observation holds.</exception>
    public ObservationEncoder(PolicySignature signature, int imageSize, Normalization? states, VisionEncoder? vision = null)
    {
        ArgumentNullException.ThrowIfNull(signature);
        if (signature.Cameras.Count > Observation.MostCameras)
            throw new ArgumentException($"Policy: it has {signature.Cameras.Count} cameras, an observation holds {Observation.MostCameras}",
                nameof(signature));
        (_signature, _states, _preprocessor) = (signature, states, new FramePreprocessor(imageSize));
        (_vision, _planes) = (vision, vision is null ? [] : new float[RgbImage.Channels * imageSize * imageSize]);
        PictureLength = signature.Cameras.Count * (vision?.Length ?? RgbImage.Channels * imageSize * imageSize);
    }

    /// <summary>Numbers of the pictures of an observation, <c>V·3·H·W</c>, or <c>V·N·e</c> of their features.</summary>
    public int PictureLength { get; }

    /// <summary>Encodes an observation; nothing is written when it is refused.</summary>
    /// <param name="observation">A picture of every camera and the robot's state, in the units of training.</param>
    /// <param name="pictures">Receives <c>[V, 3, H, W]</c>, or features <c>[V, N, e]</c>.</param>
    /// <param name="state">Receives the normalised state <c>[P]</c>; empty for none.</param>
    /// <exception cref="ArgumentException">A camera is unknown, missing or given twice, a frame has no pixels, or the state has another
    /// length or holds what is no number.</exception>
    public void Encode(Observation observation, Span<float> pictures, Span<float> state)
    {
        Check(observation);
        var planes = PictureLength / _signature.Cameras.Count;
        for (var i = 0; i < _signature.Cameras.Count; i++)
            Encode(observation.Frame(i), pictures.Slice(Camera(observation.Name(i)) * planes, planes));
        _states?.Apply(observation.State, state);
    }

    /// <summary>Encodes the picture of one camera.</summary>
    /// <param name="frame">The picture.</param>
    /// <param name="planes">Receives <c>[3, H, W]</c>, or features <c>[N, e]</c>.</param>
    /// <exception cref="ArgumentException">The frame has no pixels, or the planes have another length.</exception>
    public void Encode(Frame frame, Span<float> planes)
    {
        _preprocessor.Encode(frame, _vision is null ? planes : _planes);
        _vision?.Encode(_planes, planes);
    }

    /// <summary>The index of a camera; the first for null.</summary>
    internal int Camera(string? name)
    {
        var cameras = _signature.Cameras;
        for (var i = 0; i < cameras.Count; i++)
            if (name is null || cameras[i] == name) return i;
        throw new ArgumentException($"Policy: it was trained without a camera '{name}'; there are: {string.Join(", ", cameras)}");
    }

    private void Check(Observation observation)
    {
        var cameras = _signature.Cameras;
        var given = 0;
        for (var i = 0; i < observation.Cameras; i++)
        {
            var camera = Camera(observation.Name(i));
            if ((given & (1 << camera)) != 0) throw new ArgumentException($"Policy: two pictures of the camera '{cameras[camera]}'");
            if (observation.Frame(i).Width == 0)
                throw new ArgumentException($"Policy: the frame of the camera '{cameras[camera]}' has no pixels");
            given |= 1 << camera;
        }

        for (var camera = 0; camera < cameras.Count; camera++)
            if ((given & (1 << camera)) == 0) throw new ArgumentException($"Policy: no picture of the camera '{cameras[camera]}'");
        var states = observation.State;
        var expected = _signature.States;
        if (states.Length != expected.Count)
            throw new ArgumentException(
                $"Policy: the state has {states.Length} numbers, {expected.Count} are needed{(expected.Count == 0 ? "" : $" ({string.Join(", ", expected.Select(s => $"{s.Name} [{s.Unit}]"))})")}");
        for (var i = 0; i < states.Length; i++)
            if (!float.IsFinite(states[i])) throw new ArgumentException($"Policy: the state '{expected[i].Name}' is {states[i]}");
    }

    private static TrainedPolicy Given(TrainedPolicy trained)
    {
        ArgumentNullException.ThrowIfNull(trained);
        return trained;
    }
}
