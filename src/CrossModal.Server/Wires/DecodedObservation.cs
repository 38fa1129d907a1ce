using CrossModal.Imaging;
using CrossModal.Policies;

namespace CrossModal.Server.Wires;

/// <summary>What a message says, whatever its wire: pictures by camera, states, the instruction.</summary>
/// <param name="Cameras">The pictures by the policy's names of cameras.</param>
/// <param name="State">The robot's state in the units of training.</param>
/// <param name="Instruction">What the robot is to do.</param>
internal sealed record DecodedObservation(IReadOnlyList<KeyValuePair<string, PictureValue>> Cameras, float[] State, string Instruction)
{
    /// <summary>The observation over the same bytes.</summary>
    public Observation ToObservation()
    {
        var observation = new Observation { State = State };
        foreach (var (camera, picture) in Cameras)
            observation = observation.With(camera, new Frame(picture.Bytes.Span, picture.Width, picture.Height, picture.Format));
        return observation;
    }
}
