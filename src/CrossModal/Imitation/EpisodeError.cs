namespace CrossModal.Imitation;

/// <summary>The error of one episode.</summary>
/// <param name="Name">Name of the episode.</param>
/// <param name="Steps">Number of steps compared.</param>
/// <param name="Normalized">Mean squared error of the policy over steps and dimensions, each dimension divided by its variance in
/// training.</param>
/// <param name="NormalizedMean">The same of the mean action.</param>
internal sealed record EpisodeError(string Name, int Steps, double Normalized, double NormalizedMean);
