namespace CrossModal.Engine.Recording;

/// <summary>What an operation costs: floating-point operations (a multiply-add counts two) and bytes read and written.</summary>
/// <param name="Flops">Floating-point operations.</param>
/// <param name="Bytes">Bytes of all inputs and outputs, each counted once.</param>
public readonly record struct Cost(double Flops, double Bytes)
{
    /// <summary>Both costs together.</summary>
    public static Cost operator +(Cost left, Cost right) => new(left.Flops + right.Flops, left.Bytes + right.Bytes);
}
