namespace CrossModal.Engine.Kernels;

internal static unsafe partial class PixelConvolution
{
    /// <summary>
    /// The rows of all results. Windows are multiplied where they lie in the image, line by line; an image with padding that does not lie
    /// in a frame of zeros is first copied into one. Sums are cut where those of gathered windows are cut.
    /// </summary>
    private struct LinesJob : IWorkBody
    {
        // Tiles are cut from a row of the result: of fewer positions they would be too low.
        private const int FewestPositions = 6;
        private const int FewestOutputs = 9;

        // 16 KB of sums beside a block of weights.
        private const int SumFloats = 1 << 12;

        public ConvolutionShape Shape;
        public float* X, Y;
        public PackedMatrix Weight;
        public Epilogue Epilogue;
        public PixelFrames Frames;
        public int Parts;

        /// <summary>Whether the job is for such a convolution.</summary>
        public static bool Suits(in ConvolutionShape s) => s.OutWidth >= FewestPositions && s.Outputs >= FewestOutputs;

        private readonly nint RowLength => (nint)(Shape.Width + 2 * Shape.Padding) * Shape.Channels;

        public readonly void Execute(int part)
        {
            var (row, end) = RowSplit.Range(Shape.Batch * Shape.OutHeight, part, Parts);
            while (row < end)
            {
                var (image, first) = Math.DivRem(row, Shape.OutHeight);
                var count = Math.Min(end - row, Shape.OutHeight - first);
                var from = Shape.Padding > 0 && !Frames.IsInputFramed
                    ? Frame(image, first, count)
                    : X + (image * (nint)(Shape.Height + 2 * Shape.Padding) + first * Shape.Stride) * RowLength;
                var y = Y + (nint)image * PixelFrames.Length(1, Shape.OutHeight, Shape.OutWidth, Shape.Outputs, Frames.Around);
                if (Frames.Around > 0)
                    PixelFrames.Clear(y, Shape.OutHeight, Shape.OutWidth, Shape.Outputs, Frames.Around, first, count);
                Rows(from, row, count);
                row += count;
            }

            GC.KeepAlive(Weight);
        }

        /// <summary>The bias with zeros up to whole panels.</summary>
        public void FillUpBias(float* room)
        {
            if (Epilogue.Bias == null) return;
            new ReadOnlySpan<float>(Epilogue.Bias, Shape.Outputs).CopyTo(new Span<float>(room, Shape.Outputs));
            new Span<float>(room + Shape.Outputs, Weight.Panels * MatrixTile.Columns - Shape.Outputs).Clear();
            Epilogue.Bias = room;
        }

        /// <summary>The rows of an image under some rows of the result, with the zeros beside it.</summary>
        private readonly float* Frame(int image, int first, int count)
        {
            var rows = (count - 1) * Shape.Stride + Shape.KernelHeight;
            var frame = PackingBuffer.Rent(PackingBuffer.Windows, rows * (long)RowLength);
            var (side, inner, length) = (Shape.Padding * Shape.Channels, Shape.Width * Shape.Channels, (int)RowLength);
            for (var i = 0; i < rows; i++)
            {
                var to = new Span<float>(frame + i * RowLength, length);
                var y = first * Shape.Stride - Shape.Padding + i;
                if ((uint)y >= (uint)Shape.Height)
                {
                    to.Clear();
                    continue;
                }

                to[..side].Clear();
                new ReadOnlySpan<float>(X + (nint)image * Shape.Image + (nint)y * inner, inner).CopyTo(to[side..]);
                to[(side + inner)..].Clear();
            }

            return frame;
        }

        /// <summary>
        /// Rows of a result, from the line of the first window on. A block of the weights stays in L1 for as many rows as their sums do.
        /// </summary>
        private readonly void Rows(float* from, int row, int rows)
        {
            var blocks = (Shape.Window + Depth - 1) / Depth;
            var rowFloats = Shape.OutWidth * MatrixTile.WideColumns;
            var together = blocks == 1 ? 1 : Math.Clamp(SumFloats / rowFloats, 1, rows);
            var sums = PackingBuffer.Rent(PackingBuffer.Tiles, (long)together * rowFloats);
            for (var start = 0; start < rows; start += blocks == 1 ? rows : together)
            {
                var end = blocks == 1 ? rows : Math.Min(rows, start + together);
                for (var column = 0; column < Shape.Outputs; column += MatrixTile.WideColumns)
                    for (var block = 0; block < blocks; block++)
                        for (var i = start; i < end; i++)
                        {
                            var sum = blocks == 1 ? sums : sums + (nint)(i - start) * rowFloats;
                            Row(from + i * Shape.Stride * RowLength, row + i, column, block, blocks, sum);
                        }
            }
        }

        /// <summary>Where a row of all results begins, which may lie in frames.</summary>
        private readonly float* ResultAt(int row)
        {
            var (image, y) = Math.DivRem(row, Shape.OutHeight);
            var around = Frames.Around;
            var first = Y + (nint)image * PixelFrames.Length(1, Shape.OutHeight, Shape.OutWidth, Shape.Outputs, around);
            return first + ((nint)(y + around) * (Shape.OutWidth + 2 * around) + around) * Shape.Outputs;
        }

        /// <summary>Adds a block of the sums of one row and up to 32 outputs, and writes them when it is the last.</summary>
        private readonly void Row(float* from, int row, int column, int block, int blocks, float* sums)
        {
            var columns = Math.Min(MatrixTile.WideColumns, Shape.Outputs - column);
            var o = Block(from, block, blocks, column);
            o.C = sums;
            o.Addend = block > 0 ? sums : null;
            o.CRow = o.AddendRow = MatrixTile.WideColumns;
            // Whole vectors: the sums have room for them, and weights and bias are filled up.
            o.Columns = (columns + MatrixTile.Columns - 1) / MatrixTile.Columns * MatrixTile.Columns;
            if (block == blocks - 1 && Epilogue.Bias != null) o.Bias = Epilogue.Bias + column;
            MatrixTile.Wide(Shape.OutWidth, o);
            if (block < blocks - 1) return;
            var at = (nint)row * Shape.OutWidth * Shape.Outputs + column;
            EpilogueTile.Write(Epilogue.Activation, Shape.OutWidth, columns, sums, MatrixTile.WideColumns, ResultAt(row) + column,
                Shape.Outputs, Epilogue.Residual == null ? null : Epilogue.Residual + at, Shape.Outputs);
        }

        /// <summary>Windows and weights of a block of a sum.</summary>
        private readonly TileOperands Block(float* from, int block, int blocks, int column)
        {
            var line = Shape.KernelWidth * Shape.Channels;
            var (start, end) = RowSplit.Range(Shape.Window, block, blocks);
            var (skipped, into) = Math.DivRem(start, line);
            return new TileOperands
            {
                K = end - start,
                A = from + skipped * RowLength + into,
                ARow = (nint)Shape.Stride * Shape.Channels,
                ACol = 1,
                ATileRow = (nint)Shape.Stride * Shape.Channels,
                ALine = RowLength,
                LineLength = line,
                FirstLength = line - into,
                B = Weight.Panel(column / MatrixTile.Columns) + (nint)start * MatrixTile.Columns,
                BRow = MatrixTile.Columns,
                BPanel = (nint)Shape.Window * MatrixTile.Columns,
                CPanel = MatrixTile.Columns,
            };
        }
    }
}
