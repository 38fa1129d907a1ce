using System.Runtime.InteropServices;

namespace CrossModal.Mpi;

/// <summary>The functions of Open MPI that are used.</summary>
/// <remarks>Its handles are addresses of symbols of the library, which mpi.h hides behind names such as MPI_COMM_WORLD.</remarks>
internal static unsafe partial class MpiLibrary
{
    /// <summary>Name of the library in Open MPI 4 and 5.</summary>
    public const string Name = "libmpi.so.40";

    /// <summary>MPI_THREAD_SERIALIZED: calls come from any thread, one at a time.</summary>
    public const int Serialized = 2;

    /// <summary>MPI_IN_PLACE.</summary>
    public static readonly void* InPlace = (void*)1;

    private static readonly nint Library = NativeLibrary.Load(Name);

    public static nint World { get; } = NativeLibrary.GetExport(Library, "ompi_mpi_comm_world");

    public static nint Byte { get; } = NativeLibrary.GetExport(Library, "ompi_mpi_byte");

    public static nint Float { get; } = NativeLibrary.GetExport(Library, "ompi_mpi_float");

    public static nint Int { get; } = NativeLibrary.GetExport(Library, "ompi_mpi_int");

    [LibraryImport(Name, EntryPoint = "MPI_Init_thread")]
    public static partial int InitThread(nint argc, nint argv, int required, out int provided);

    [LibraryImport(Name, EntryPoint = "MPI_Finalize")]
    public static partial int Finish();

    [LibraryImport(Name, EntryPoint = "MPI_Comm_rank")]
    public static partial int Rank(nint communicator, out int rank);

    [LibraryImport(Name, EntryPoint = "MPI_Comm_size")]
    public static partial int Size(nint communicator, out int size);

    [LibraryImport(Name, EntryPoint = "MPI_Alltoallv")]
    public static partial int AllToAll(void* send, int* sendCounts, int* sendOffsets, nint sendType, void* receive, int* receiveCounts,
        int* receiveOffsets, nint receiveType, nint communicator);

    [LibraryImport(Name, EntryPoint = "MPI_Allgather")]
    public static partial int AllGather(void* send, int sendCount, nint sendType, void* receive, int receiveCount, nint receiveType,
        nint communicator);

    [LibraryImport(Name, EntryPoint = "MPI_Allgatherv")]
    public static partial int AllGatherParts(void* send, int sendCount, nint sendType, void* receive, int* receiveCounts,
        int* receiveOffsets, nint receiveType, nint communicator);

    [LibraryImport(Name, EntryPoint = "MPI_Bcast")]
    public static partial int Broadcast(void* values, int count, nint type, int from, nint communicator);

    /// <summary>Ends the process at once, whatever its threads wait for.</summary>
    [LibraryImport("libc", EntryPoint = "_exit")]
    public static partial void Exit(int code);
}
