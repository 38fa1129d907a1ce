using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Formats;

/// <summary>Tensors by name that are read one at a time: a file, several files with an index, or a part of one.</summary>
/// <remarks>Several threads may read at once.</remarks>
public interface ITensorSource
{
    /// <summary>Where the tensors come from, for messages: the path of a file or folder.</summary>
    string Location { get; }

    /// <summary>The names of the tensors.</summary>
    IReadOnlyCollection<string> Names { get; }

    /// <summary>The sizes of one tensor.</summary>
    /// <exception cref="KeyNotFoundException">There is none of that name.</exception>
    /// <exception cref="FileFormatException">No array can have so many elements.</exception>
    Shape ShapeOf(string tensor);

    /// <summary>How many numbers one tensor has, also when it has too many to be read.</summary>
    /// <exception cref="KeyNotFoundException">There is none of that name.</exception>
    double CountOf(string tensor) => ShapeOf(tensor).Length;

    /// <summary>Reads one tensor, rounded to single precision.</summary>
    /// <exception cref="KeyNotFoundException">There is none of that name.</exception>
    /// <exception cref="FileFormatException">The tensor cannot be read whole.</exception>
    float[] ReadSingles(string tensor);
}
