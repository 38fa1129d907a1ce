using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using Tensor = CrossModal.Engine.Tensors.Tensor;

namespace CrossModal.Training;

/// <summary>Sums the gradients of shards that several ranks computed, each rank one slice of the parameters, and shares the parameters that
/// were updated by it.</summary>
/// <remarks>
/// A slice is a run of whole parameters. All-to-all gives each rank its slice of every shard; it adds them in the order of shards, as one
/// process does, so that any number of ranks gives the same bits; it updates its slice, keeping the optimiser's state of that alone
/// (Rajbhandari et al. 2020, ZeRO stage 1), and all-gather gives everybody the parameters. As many numbers travel as in a ring all-reduce
/// where each rank has one shard.
/// </remarks>
internal sealed class GradientSlices : IDisposable
{
    private readonly TrainingRanks _ranks;
    private readonly Tensor[] _trained;
    private readonly int[] _offsets;
    private readonly int[] _counts;
    private readonly int[] _first;
    private readonly int[] _mine;
    private readonly float[] _whole;
    private readonly float[] _received;
    private readonly Gradients _sum;
    private readonly int[][] _filled;

    // The parameters in the order in which gradients of shards first had them: norms are summed in this order.
    private readonly List<int> _order = [];
    private readonly bool[] _met;
    private readonly bool[] _has;
    private readonly double[] _squares;

    public GradientSlices(TrainingRanks ranks, IReadOnlyList<Tensor> trained, int shards, TensorPool pool)
    {
        (_ranks, _trained) = (ranks, [.. trained]);
        _offsets = new int[_trained.Length + 1];
        for (var i = 0; i < _trained.Length; i++) _offsets[i + 1] = checked(_offsets[i] + _trained[i].Shape.Length);
        _first = Partition(_offsets, ranks.Count);
        _counts = [.. Enumerable.Range(0, ranks.Count).Select(r => _offsets[_first[r + 1]] - _offsets[_first[r]])];
        _mine = [.. Enumerable.Repeat(_counts[ranks.Rank], ranks.Count)];
        _whole = new float[_offsets[^1]];
        _received = new float[(long)shards * _counts[ranks.Rank]];
        _sum = new Gradients(pool, trained);
        _filled = new int[shards][];
        (_met, _has, _squares) = (new bool[_trained.Length], new bool[_trained.Length], new double[_trained.Length]);
        Numbers = _trained.Index().ToDictionary(t => t.Item, t => t.Index,
            (IEqualityComparer<Tensor>)ReferenceEqualityComparer.Instance);
    }

    /// <summary>Numbers of the parameters.</summary>
    public IReadOnlyDictionary<Tensor, int> Numbers { get; }

    /// <summary>For each shard the numbers of the parameters that got a gradient, in the order in which they did.</summary>
    public Span<int[]> Filled => _filled;

    /// <summary>The rank that updates a parameter.</summary>
    public int OwnerOf(Tensor parameter)
    {
        var number = Numbers[parameter];
        var owner = 0;
        while (_first[owner + 1] <= number) owner++;
        return owner;
    }

    /// <summary>The sum over all shards of this rank's slice; <see cref="Filled"/> has been filled.</summary>
    /// <param name="local">The gradients of this rank's shards.</param>
    public Gradients Sum(ReadOnlySpan<Gradients> local)
    {
        foreach (var shard in _filled)
        {
            foreach (var number in shard)
            {
                if (!_met[number]) _order.Add(number);
                _met[number] = true;
            }
        }

        var length = _counts[_ranks.Rank];
        var part = new float[_ranks.Count * length];
        for (var j = 0; j < local.Length; j++)
        {
            for (var i = 0; i < _trained.Length; i++)
                if (local[j].TryGet(_trained[i], out var gradient)) gradient.Span.CopyTo(Of(_whole, i));
            _ranks.AllToAll(_whole, _counts, part, _mine);
            for (var rank = 0; rank < _ranks.Count; rank++)
                part.AsSpan(rank * length, length).CopyTo(_received.AsSpan((rank * local.Length + j) * length, length));
        }

        Fold(length);
        return _sum;
    }

    /// <summary>The norm over all slices, by the sums of one process.</summary>
    public double Norm()
    {
        var (first, end) = (_first[_ranks.Rank], _first[_ranks.Rank + 1]);
        for (var i = first; i < end; i++)
            if (_has[i]) _squares[i] = Gradients.SumOfSquares(_sum[_trained[i]].Span);
        var gathered = _ranks.Gather(MemoryMarshal.AsBytes(_squares.AsSpan(first, end - first)));
        for (var rank = 0; rank < gathered.Length; rank++)
            MemoryMarshal.Cast<byte, double>(gathered[rank]).CopyTo(_squares.AsSpan(_first[rank]));
        double sum = 0;
        foreach (var number in _order)
            if (_has[number]) sum += _squares[number];
        return Math.Sqrt(sum);
    }

    /// <summary>Gives every rank the parameters that the others updated.</summary>
    public void ShareParameters()
    {
        var (first, end) = (_first[_ranks.Rank], _first[_ranks.Rank + 1]);
        for (var i = first; i < end; i++) _trained[i].Span.CopyTo(Of(_whole, i));
        _ranks.AllGather(_whole, _counts);
        for (var i = 0; i < _trained.Length; i++)
            if (i < first || i >= end) Of(_whole, i).CopyTo(_trained[i].Span);
    }

    /// <inheritdoc/>
    public void Dispose() => _sum.Dispose();

    /// <summary>Adds the shards of this rank's slice in their order, as <see cref="Gradients.Add(Gradients)"/> does.</summary>
    private void Fold(int length)
    {
        _sum.Clear();
        Array.Clear(_has);
        var (first, end) = (_first[_ranks.Rank], _first[_ranks.Rank + 1]);
        for (var shard = 0; shard < _filled.Length; shard++)
        {
            foreach (var number in _filled[shard])
            {
                if (number >= first && number < end)
                {
                    var theirs = _received.AsSpan(shard * length + _offsets[number] - _offsets[first], _trained[number].Shape.Length);
                    var slot = _sum.Slot(_trained[number]);
                    if (slot.IsFilled) TensorPrimitives.Add(slot.Span, theirs, slot.Span);
                    else theirs.CopyTo(slot.Span);
                    slot.IsFilled = true;
                }

                _has[number] = true;
            }
        }
    }

    private Span<float> Of(float[] whole, int number) => whole.AsSpan(_offsets[number], _trained[number].Shape.Length);

    /// <summary>The first parameter of each rank, and the number of all: a parameter is of the rank in whose equal share of the numbers its
    /// middle lies.</summary>
    private static int[] Partition(int[] offsets, int ranks)
    {
        var first = new int[ranks + 1];
        first[ranks] = offsets.Length - 1;
        for (int i = 0, rank = 0; i < offsets.Length - 1; i++)
        {
            var owner = (int)(((long)offsets[i] + offsets[i + 1]) * ranks / 2 / Math.Max(1, offsets[^1]));
            while (rank < Math.Min(owner, ranks - 1)) first[++rank] = i;
            if (i == offsets.Length - 2)
                while (rank < ranks - 1) first[++rank] = i + 1;
        }

        return first;
    }
}
