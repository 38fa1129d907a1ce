using System.Globalization;
using CrossModal.Engine.Formats;
using CrossModal.Imaging;

namespace CrossModal.Datasets;

/// <summary>What a data set's numbers and times are like, and what in them is likely to be wrong.</summary>
internal sealed class DatasetSummary
{
    // A rate differs when it does so by more than clocks do.
    private const double RateTolerance = 0.02;
    private const double Gap = 1.5;
    private const int MostPlaces = 3;
    private readonly List<string> _warnings = [];
    private readonly List<DimensionSummary> _dimensions = [];

    private DatasetSummary()
    {
    }

    /// <summary>The numbers of the columns that are the action and the state, or of all where neither is known.</summary>
    public IReadOnlyList<DimensionSummary> Dimensions => _dimensions;

    /// <summary>What is likely to be wrong, a line each.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>Reads all numbers of action and state, all times, and a picture of each camera.</summary>
    /// <param name="source">The data set.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="FileFormatException">A table of numbers is damaged; a damaged picture is a warning.</exception>
    public static DatasetSummary Of(RecordingSource source, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        var summary = new DatasetSummary();
        IReadOnlyList<string> columns = source.Action.Count + source.State.Count > 0 ? [.. source.Action, .. source.State]
            : [.. source.Columns.Select(c => c.Name)];
        foreach (var column in columns) summary.Numbers(source, source.Column(column), cancellation);
        summary.Times(source, cancellation);
        foreach (var camera in source.Cameras) summary.FirstPicture(source, camera);
        var silent = source.Episodes.Count(e => !e.Instruction.Any(char.IsLetterOrDigit));
        if (silent > 0) summary._warnings.Add($"{silent} of {source.Episodes.Count} episodes have no instruction");
        return summary;
    }

    private void Numbers(RecordingSource source, NumberColumn column, CancellationToken cancellation)
    {
        var width = column.Quantities.Count;
        var (least, most, bad) = (new double[width], new double[width], new long[width]);
        Array.Fill(least, double.PositiveInfinity);
        Array.Fill(most, double.NegativeInfinity);
        foreach (var episode in source.Episodes)
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var row in source.Numbers(episode, column.Name))
                for (var d = 0; d < width; d++)
                    if (!float.IsFinite(row[d])) bad[d]++;
                    else (least[d], most[d]) = (Math.Min(least[d], row[d]), Math.Max(most[d], row[d]));
        }

        var dimensions = column.Quantities.Select((q, d) => new DimensionSummary(column.Name, q.Name, q.Unit, least[d], most[d], bad[d]))
            .ToList();
        _dimensions.AddRange(dimensions);
        foreach (var dimension in dimensions.Where(d => d.NotFinite > 0))
            _warnings.Add($"{column.Name}: {dimension.Name} is NaN or infinite in {dimension.NotFinite} steps");
        if (dimensions.Where(d => d.IsConstant).Select(d => d.Name).ToList() is { Count: > 0 } constant)
            _warnings.Add($"{column.Name}: {constant.Count} of {width} never change: {string.Join(", ", constant.Take(8))}{(constant.Count > 8 ? ", …" : "")}");
        var jumps = new JumpSearch(least, most);
        foreach (var episode in source.Episodes) jumps.Add(episode.Name, source.Numbers(episode, column.Name));
        foreach (var (d, count, place) in jumps.Found)
            _warnings.Add($"{column.Name}: {column.Quantities[d].Name} jumps by more than half its range {(count == 1 ? "once" : $"{count} times")}, first in {place}");
    }

    private void Times(RecordingSource source, CancellationToken cancellation)
    {
        var (gaps, places, differences) = (0, new List<string>(), new List<double>());
        foreach (var episode in source.Episodes)
        {
            cancellation.ThrowIfCancellationRequested();
            if (source.Times(episode) is not { Length: > 1 } times) continue;
            var own = times.Zip(times.Skip(1), (a, b) => b - a).ToArray();
            var usual = own.Order().ElementAt(own.Length / 2);
            differences.Add(usual);
            for (var t = 0; t < own.Length; t++)
            {
                if (own[t] > 0 && own[t] <= Gap * usual) continue;
                gaps++;
                if (places.Count < MostPlaces) places.Add(string.Create(
                    CultureInfo.InvariantCulture, $"{episode.Name} step {t + 1} ({own[t]:0.###} s)"));
            }
        }

        if (gaps > 0) _warnings.Add($"{gaps} gaps in the times of steps: {string.Join(", ", places)}{(gaps > places.Count ? ", …" : "")}");
        if (differences.Count > 0 && differences.Order().ElementAt(differences.Count / 2) is > 0 and var step && source.Rate is { } rate
            && Differs(1 / step, rate))
            _warnings.Add(string.Create(CultureInfo.InvariantCulture,
                $"steps are {1 / step:0.##} a second by their times, the data set says {rate:0.##}"));
        foreach (var camera in source.Cameras)
            if (camera.Rate is { } pictures && source.Rate is { } steps && Differs(pictures, steps))
                _warnings.Add(string.Create(CultureInfo.InvariantCulture,
                    $"the camera {camera.Name} has {pictures:0.##} pictures a second, steps are {steps:0.##}"));
    }

    private void FirstPicture(RecordingSource source, CameraInfo camera)
    {
        try
        {
            var picture = source.Frames(source.Episodes.First(e => e.Cameras.Contains(camera.Name)), camera.Name).First();
            if (picture.Pixels.AsSpan(RgbImage.Channels).SequenceEqual(picture.Pixels.AsSpan(0, picture.Pixels.Length - RgbImage.Channels)))
                _warnings.Add($"the camera {camera.Name}: its first picture is one colour everywhere");
        }
        catch (Exception error) when (error is FileFormatException or IOException)
        {
            _warnings.Add($"the camera {camera.Name}: {error.Message}");
        }
    }

    private static bool Differs(double a, double b) => Math.Abs(a - b) > RateTolerance * b;
}
