using System.Globalization;

namespace CrossModal.Benchmarks.Cases;

/// <summary>Holds a job against float64 before anything is measured of it.</summary>
internal static class Checked
{
    private const double Largest = 1e-3;

    /// <summary>The job's largest error.</summary>
    /// <exception cref="InvalidDataException">It is above 1e-3, or not a number.</exception>
    public static double Error(IJob job)
    {
        var error = job.MaxError();
        return error <= Largest
            ? error
            : throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"the result is wrong: max error {error:E2}"));
    }
}
