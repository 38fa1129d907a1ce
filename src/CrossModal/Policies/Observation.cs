using CrossModal.Imaging;

namespace CrossModal.Policies;

/// <summary>What the robot's sensors gave at one moment: a picture of each camera and the robot's state. Nothing is copied.</summary>
public ref struct Observation
{
    /// <summary>The most cameras an observation holds.</summary>
    public const int MostCameras = 4;

    private Frame _first;
    private Frame _second;
    private Frame _third;
    private Frame _fourth;
    private string? _firstName;
    private string? _secondName;
    private string? _thirdName;
    private string? _fourthName;

    /// <summary>An observation with the picture of the only, or the first, camera the policy was trained with.</summary>
    /// <param name="frame">The picture.</param>
    public Observation(Frame frame)
    {
        _first = frame;
        Cameras = 1;
    }

    /// <summary>How many pictures there are.</summary>
    public int Cameras { readonly get; private set; }

    /// <summary>The robot's state <c>[P]</c> in the units of training (<see cref="Policy.States"/>); empty for a policy without.</summary>
    public ReadOnlySpan<float> State { readonly get; init; }

    /// <summary>Adds the picture of a camera.</summary>
    /// <param name="camera">Its name in training, one of <see cref="Policy.Cameras"/>.</param>
    /// <param name="frame">The picture.</param>
    /// <returns>The observation with that picture.</returns>
    /// <exception cref="InvalidOperationException">There are four already.</exception>
    public readonly Observation With(string camera, Frame frame)
    {
        ArgumentException.ThrowIfNullOrEmpty(camera);
        var result = this;
        switch (result.Cameras++)
        {
            case 0:
                result._first = frame;
                result._firstName = camera;
                break;
            case 1:
                result._second = frame;
                result._secondName = camera;
                break;
            case 2:
                result._third = frame;
                result._thirdName = camera;
                break;
            case 3:
                result._fourth = frame;
                result._fourthName = camera;
                break;
            default:
                throw new InvalidOperationException($"Observation: more than {MostCameras} cameras");
        }

        return result;
    }

    /// <summary>An observation of all cameras.</summary>
    /// <param name="cameras">Names of the cameras, in the order of the pictures.</param>
    /// <param name="pictures">The pictures.</param>
    /// <param name="state">The robot's state <c>[P]</c>; empty for none.</param>
    internal static Observation Of(IReadOnlyList<string> cameras, IReadOnlyList<RgbImage> pictures, ReadOnlySpan<float> state) =>
        Of(cameras, pictures, static picture => picture, state);

    /// <summary>The same of pictures of another kind.</summary>
    /// <param name="cameras">Names of the cameras, in the order of the pictures.</param>
    /// <param name="pictures">The pictures.</param>
    /// <param name="frame">Where the bytes of a picture lie.</param>
    /// <param name="state">The robot's state <c>[P]</c>; empty for none.</param>
    internal static Observation Of<T>(IReadOnlyList<string> cameras, IReadOnlyList<T> pictures, Func<T, Frame> frame,
        ReadOnlySpan<float> state)
    {
        var observation = new Observation { State = state };
        for (var view = 0; view < pictures.Count; view++) observation = observation.With(cameras[view], frame(pictures[view]));
        return observation;
    }

    /// <summary>The picture at an index, in the order they were given.</summary>
    internal readonly Frame Frame(int index) => index switch { 0 => _first, 1 => _second, 2 => _third, _ => _fourth };

    /// <summary>The camera's name at an index; null for the unnamed first.</summary>
    internal readonly string? Name(int index) => index switch { 0 => _firstName, 1 => _secondName, 2 => _thirdName, _ => _fourthName };
}
