namespace CrossModal.Imaging;

/// <summary>The old pixels that a new one is made of, along one side.</summary>
/// <param name="First">Index of the first.</param>
/// <param name="Weights">Their weights, which sum to 1.</param>
internal readonly record struct ResizeTaps(int First, double[] Weights)
{
    /// <summary>For every new index, the run of old ones it is made of.</summary>
    public static ResizeTaps[] Of(int count, int newCount, ResizeFilter filter)
    {
        var ratio = (double)count / newCount;
        var taps = new ResizeTaps[newCount];
        if (filter == ResizeFilter.Nearest)
        {
            // As Pillow does, the place is summed up from pixel to pixel: where it falls between two old pixels, the sum's rounding
            // decides.
            var place = 0.5 * ratio;
            for (var i = 0; i < newCount; i++, place += ratio) taps[i] = new ResizeTaps(Math.Min((int)place, count - 1), [1]);
            return taps;
        }

        var (reach, weigh) = Kernel(filter);
        var widening = filter == ResizeFilter.Bilinear ? 1 : Math.Max(1, ratio);
        for (var i = 0; i < newCount; i++)
        {
            var center = (i + 0.5) * ratio;

            // Cutting the kernel off at the border and normalising repeats the border pixel.
            var first = Math.Max(0, (int)Math.Floor(center - reach * widening + 0.5));
            var end = Math.Min(count, (int)Math.Floor(center + reach * widening + 0.5));
            var weights = new double[end - first];
            var sum = 0.0;
            for (var k = 0; k < weights.Length; k++) sum += weights[k] = weigh((first + k - center + 0.5) * (1 / widening));
            for (var k = 0; k < weights.Length; k++) weights[k] /= sum;
            taps[i] = new ResizeTaps(first, weights);
        }

        return taps;
    }

    private static (double Reach, Func<double, double> Weigh) Kernel(ResizeFilter filter) => filter switch
    {
        ResizeFilter.BicubicAntialias => (2, Cubic),
        ResizeFilter.LanczosAntialias => (3, Lanczos),
        _ => (1, Triangle),
    };

    private static double Triangle(double distance) => Math.Max(0, 1 - Math.Abs(distance));

    private static double Cubic(double distance)
    {
        const double A = -0.5;
        var x = Math.Abs(distance);
        return x < 1 ? ((A + 2) * x - (A + 3)) * x * x + 1
            : x < 2 ? (((x - 5) * x + 8) * x - 4) * A
            : 0;
    }

    private static double Lanczos(double distance) => distance is >= -3 and < 3 ? Sinc(distance) * Sinc(distance / 3) : 0;

    private static double Sinc(double x) => x == 0 ? 1 : Math.Sin(x * Math.PI) / (x * Math.PI);
}
