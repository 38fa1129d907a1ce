using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CrossModal.Engine.Kernels;

/// <summary>How much a query cares for a key, before the softmax.</summary>
internal unsafe interface IPairScore
{
    /// <summary>The scores of a query for some keys.</summary>
    void Score(in AttentionOperands o, int batch, int head, int query, int* keys, int count, float* scores);

    /// <summary>Adds what the gradients of those scores give to the gradients of q and k.</summary>
    void Backward(in AttentionOperands o, int batch, int head, int query, int* keys, int count, float* gradients);
}

/// <summary>scale q·k.</summary>
internal readonly unsafe struct DotScore : IPairScore
{
    /// <inheritdoc/>
    public void Score(in AttentionOperands o, int batch, int head, int query, int* keys, int count, float* scores)
    {
        var width = o.Shape.HeadDim;
        var q = o.QAt(batch, head, query);
        var k = o.KAt(batch, head, 0);
        var n = 0;
        for (; n + 4 <= count; n += 4)
            Four(q, k + keys[n] * o.KRow, k + keys[n + 1] * o.KRow, k + keys[n + 2] * o.KRow, k + keys[n + 3] * o.KRow, width, o.Scale,
                scores + n);
        for (; n < count; n++) scores[n] = o.Scale * VectorRow.Dot(q, k + keys[n] * o.KRow, width);
    }

    /// <inheritdoc/>
    public void Backward(in AttentionOperands o, int batch, int head, int query, int* keys, int count, float* gradients)
    {
        var width = o.Shape.HeadDim;
        var q = o.QAt(batch, head, query);
        var k = o.KAt(batch, head, 0);
        var dq = o.GradientQ + ((nint)batch * o.Shape.Queries + query) * o.GradientRow + (nint)head * width;
        var dk = o.GradientK + (nint)batch * o.Shape.Keys * o.GradientRow + (nint)head * width;
        for (var n = 0; n < count; n++)
        {
            var gradient = gradients[n] * o.Scale;
            if (gradient == 0) continue;
            VectorRow.AddScaled(dq, k + keys[n] * o.KRow, width, gradient);
            VectorRow.AddScaled(dk + keys[n] * o.GradientRow, q, width, gradient);
        }
    }

    /// <summary>Four products that share their loads of q.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four(float* q, float* a, float* b, float* c, float* d, int width, float scale, float* scores)
    {
        Vector256<float> sumA = default, sumB = default, sumC = default, sumD = default;
        nint i = 0;
        for (; i + 8 <= width; i += 8)
        {
            var x = Vector256.Load(q + i);
            sumA = Vector256.MultiplyAddEstimate(x, Vector256.Load(a + i), sumA);
            sumB = Vector256.MultiplyAddEstimate(x, Vector256.Load(b + i), sumB);
            sumC = Vector256.MultiplyAddEstimate(x, Vector256.Load(c + i), sumC);
            sumD = Vector256.MultiplyAddEstimate(x, Vector256.Load(d + i), sumD);
        }

        float restA = 0, restB = 0, restC = 0, restD = 0;
        for (; i < width; i++)
        {
            restA += q[i] * a[i];
            restB += q[i] * b[i];
            restC += q[i] * c[i];
            restD += q[i] * d[i];
        }

        scores[0] = scale * (Vector256.Sum(sumA) + restA);
        scores[1] = scale * (Vector256.Sum(sumB) + restB);
        scores[2] = scale * (Vector256.Sum(sumC) + restC);
        scores[3] = scale * (Vector256.Sum(sumD) + restD);
    }
}

/// <summary>LeakyReLU(u + w) of a number of the query and a number of the key (Veličković et al. 2018, eq. 3); heads are 1 wide.</summary>
/// <param name="slope">What negative sums are multiplied by.</param>
internal readonly unsafe struct LeakyScore(float slope) : IPairScore
{
    /// <inheritdoc/>
    public void Score(in AttentionOperands o, int batch, int head, int query, int* keys, int count, float* scores)
    {
        var u = *o.QAt(batch, head, query);
        var w = o.KAt(batch, head, 0);
        for (var n = 0; n < count; n++)
        {
            var sum = u + w[keys[n] * o.KRow];
            scores[n] = sum > 0 ? sum : slope * sum;
        }
    }

    /// <inheritdoc/>
    public void Backward(in AttentionOperands o, int batch, int head, int query, int* keys, int count, float* gradients)
    {
        var u = *o.QAt(batch, head, query);
        var w = o.KAt(batch, head, 0);
        var du = o.GradientQ + ((nint)batch * o.Shape.Queries + query) * o.GradientRow + head;
        var dw = o.GradientK + (nint)batch * o.Shape.Keys * o.GradientRow + head;
        for (var n = 0; n < count; n++)
        {
            var gradient = u + w[keys[n] * o.KRow] > 0 ? gradients[n] : slope * gradients[n];
            *du += gradient;
            dw[keys[n] * o.GradientRow] += gradient;
        }
    }
}
