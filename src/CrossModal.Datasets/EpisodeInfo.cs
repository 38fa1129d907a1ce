namespace CrossModal.Datasets;

/// <summary>An episode of a data set.</summary>
/// <param name="Index">Its place in <see cref="RecordingSource.Episodes"/>, from 0.</param>
/// <param name="Name">Its name, the same whichever other episodes are there.</param>
/// <param name="Length">Steps T.</param>
/// <param name="Instruction">The instruction; empty where the data set gives none.</param>
/// <param name="Cameras">Names of the cameras whose pictures of this episode are there.</param>
public sealed record EpisodeInfo(int Index, string Name, int Length, string Instruction, IReadOnlyList<string> Cameras);
