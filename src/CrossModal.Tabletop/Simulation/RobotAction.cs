namespace CrossModal.Tabletop.Simulation;

/// <summary>One command of the 10 Hz control loop: how far the tool moves, and whether the fingers are shut after the motion.</summary>
/// <param name="Dx">Metres to the right.</param>
/// <param name="Dy">Metres away from the viewer.</param>
/// <param name="Dz">Metres up.</param>
/// <param name="Close">True shuts the fingers (and keeps holding), false opens them (and lets go).</param>
public readonly record struct RobotAction(float Dx, float Dy, float Dz, bool Close)
{
    /// <summary>Largest motion along each axis in one step, metres; the simulator clips to it.</summary>
    public const float MaxStep = 0.03f;

    /// <summary>The same command with each displacement clipped to ±<see cref="MaxStep"/>.</summary>
    public RobotAction Clipped() => new(
        Math.Clamp(Dx, -MaxStep, MaxStep), Math.Clamp(Dy, -MaxStep, MaxStep), Math.Clamp(Dz, -MaxStep, MaxStep), Close);
}
