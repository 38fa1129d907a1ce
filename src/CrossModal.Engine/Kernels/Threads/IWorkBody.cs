namespace CrossModal.Engine.Kernels;

/// <summary>One job of a <see cref="Workers"/> pool: a struct holding pointers, executed part by part.</summary>
internal interface IWorkBody
{
    /// <summary>Does part number <paramref name="part"/>; parts may run at the same time and in any order.</summary>
    void Execute(int part);
}
