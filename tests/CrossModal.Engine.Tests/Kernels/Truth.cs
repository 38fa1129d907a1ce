namespace CrossModal.Engine.Tests.Kernels;

/// <summary>Functions in double that the BCL lacks.</summary>
internal static class Truth
{
    /// <summary>The error function: its Taylor series below 3, its continued fraction above; about 1e-15.</summary>
    public static double Erf(double x)
    {
        var magnitude = Math.Abs(x);
        if (magnitude > 6) return Math.Sign(x);
        if (magnitude < 3)
        {
            double term = x, sum = x;
            for (var n = 1; n < 100; n++)
            {
                term *= -x * x / n;
                sum += term / (2 * n + 1);
            }

            return sum * 2 / Math.Sqrt(Math.PI);
        }

        var fraction = 0.0;
        for (var n = 60; n > 0; n--) fraction = n / 2.0 / (magnitude + fraction);
        return Math.Sign(x) * (1 - Math.Exp(-x * x) / Math.Sqrt(Math.PI) / (magnitude + fraction));
    }
}
