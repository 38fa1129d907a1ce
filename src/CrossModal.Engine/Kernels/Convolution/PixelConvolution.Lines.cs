namespace CrossModal.Engine.Kernels;

internal static unsafe partial class PixelConvolution
{
    /// <summary>
    /// The rows of all results. Windows are multiplied where they lie in the image, line by line; an image with padding is first copied
    /// into a frame of zeros. Sums are cut where those of gathered windows are cut.
    /// </summary>
    private struct LinesJob : IWorkBody
    {
        // Tiles are cut from a row of the result: of fewer positions they would be too low.
        private const int FewestPositions = 6;
        private const int FewestOutputs = 9;

        public ConvolutionShape Shape;
        public float* X, Y;
        public PackedMatrix Weight;
        public Epilogue Epilogue;
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
                var from = Shape.Padding == 0 ? X + (nint)image * Shape.Image + first * Shape.Stride * RowLength : Frame(image, first,
                    count);
                for (var i = 0; i < count; i++) Row(from + i * Shape.Stride * RowLength, row + i);
                row += count;
            }

            GC.KeepAlive(Weight);
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

        /// <summary>One row of a result, from the line of its first window on.</summary>
        private readonly void Row(float* from, int row)
        {
            var blocks = (Shape.Window + Depth - 1) / Depth;
            var sums = PackingBuffer.Rent(PackingBuffer.Tiles, (long)Shape.OutWidth * MatrixTile.WideColumns);
            for (int column = 0, columns; column < Shape.Outputs; column += columns)
            {
                columns = Math.Min(MatrixTile.WideColumns, Shape.Outputs - column);
                for (var i = 0; i < blocks; i++)
                {
                    var o = Block(from, i, blocks, column);
                    o.C = sums;
                    o.Addend = i > 0 ? sums : null;
                    o.CRow = o.AddendRow = MatrixTile.WideColumns;
                    o.Columns = columns;
                    if (i == blocks - 1 && Epilogue.Bias != null) o.Bias = Epilogue.Bias + column;
                    MatrixTile.Wide(Shape.OutWidth, o);
                }

                var at = (nint)row * Shape.OutWidth * Shape.Outputs + column;
                EpilogueTile.Write(Epilogue.Activation, Shape.OutWidth, columns, sums, MatrixTile.WideColumns, Y + at, Shape.Outputs,
                    Epilogue.Residual == null ? null : Epilogue.Residual + at, Shape.Outputs);
            }
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
