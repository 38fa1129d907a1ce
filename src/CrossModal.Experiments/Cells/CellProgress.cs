using CrossModal.Engine.Formats;

namespace CrossModal.Experiments.Cells;

/// <summary>What an unfinished cell has measured so far: the content of <c>progress.json</c> in its work folder.</summary>
internal sealed record CellProgress
{
    public const string CurrentSchema = "crossmodal-cell-progress/1";
    private const string FileName = "progress.json";

    public string Schema { get; init; } = CurrentSchema;

    public IReadOnlyList<LearningPoint> Learning { get; init; } = [];

    public IReadOnlyList<double> LearningSeconds { get; init; } = [];

    public IReadOnlyList<TestRecord> Tests { get; init; } = [];

    public IReadOnlyList<Film> Films { get; init; } = [];

    public double TrainingSeconds { get; init; }

    public double EvaluationSeconds { get; init; }

    /// <summary>Where the cell was stopped, or a beginning.</summary>
    /// <exception cref="FileFormatException">The file is damaged; the message names it and says what to do.</exception>
    public static CellProgress Load(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path)) return new CellProgress();
        try
        {
            return ExperimentFile.Read(path, CurrentSchema, ExperimentFile.Form<CellProgress>());
        }
        catch (FileFormatException error)
        {
            throw new FileFormatException(path, $"{error.Message[(path.Length + 2)..]}; remove {folder} and the cell begins anew", error);
        }
    }

    public void Save(string folder) => ExperimentFile.Write(Path.Combine(folder, FileName), this, ExperimentFile.Form<CellProgress>());
}
