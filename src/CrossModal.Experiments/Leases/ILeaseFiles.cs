namespace CrossModal.Experiments.Leases;

/// <summary>What leases need of a folder that several machines share; nothing else of the file system is relied on.</summary>
internal interface ILeaseFiles
{
    /// <summary>Names of the files in the folder; none when it is not there.</summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    IReadOnlyList<string> Names();

    /// <summary>Makes a file of a name that nobody has; whoever makes one of the same name at the same time, one of them
    /// succeeds.</summary>
    /// <returns>Whether this call made it.</returns>
    /// <exception cref="IOException">It cannot be written; the message names it.</exception>
    bool Create(string name, string content);

    /// <summary>Adds to a file.</summary>
    /// <returns>False when it is not there.</returns>
    /// <exception cref="IOException">It cannot be written.</exception>
    bool Append(string name, string text);

    /// <summary>The content of a file; null when it is not there.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    string? Read(string name);

    /// <summary>Removes a file, or nothing when it is not there.</summary>
    /// <exception cref="IOException">It cannot be removed.</exception>
    void Delete(string name);

    /// <summary>The time since a file was last written, both times told by whoever keeps the files; null when it cannot be
    /// known.</summary>
    TimeSpan? Age(string name);
}
