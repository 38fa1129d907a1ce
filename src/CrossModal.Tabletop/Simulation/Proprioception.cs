using CrossModal.Tabletop.Scenes;

namespace CrossModal.Tabletop.Simulation;

/// <summary>
/// The robot's own state, five numbers: x, y and z of the tool in the board frame, metres; the opening of the fingers, metres; 1 when
/// holding something, else 0.
/// </summary>
internal static class Proprioception
{
    /// <summary>Number of values.</summary>
    public const int Length = 5;

    /// <summary>Writes the values of a state.</summary>
    /// <param name="scene">The state.</param>
    /// <param name="destination">At least <see cref="Length"/> long.</param>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public static void Write(Scene scene, Span<float> destination)
    {
        ArgumentNullException.ThrowIfNull(scene);
        if (destination.Length < Length)
            throw new ArgumentException($"Proprioception: the destination has {destination.Length} places, {Length} are needed.",
                nameof(destination));
        var tool = scene.Gripper.Tool;
        destination[0] = tool.X;
        destination[1] = tool.Y;
        destination[2] = tool.Z;
        destination[3] = scene.Gripper.Opening;
        destination[4] = scene.Gripper.Held >= 0 ? 1 : 0;
    }

    /// <summary>The values of a state, `[5]`.</summary>
    public static float[] Of(Scene scene)
    {
        var values = new float[Length];
        Write(scene, values);
        return values;
    }
}
