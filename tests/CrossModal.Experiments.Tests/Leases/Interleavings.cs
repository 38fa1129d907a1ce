namespace CrossModal.Experiments.Tests.Leases;

/// <summary>Runs actors in every order of their accesses to shared files.</summary>
internal static class Interleavings
{
    /// <summary>Runs all orders.</summary>
    /// <param name="make">Makes the files and the actors anew, and what must hold when all have ended.</param>
    /// <returns>The number of orders.</returns>
    public static int Explore(Func<(SharedFiles Files, Action[] Actors, Action Check)> make)
    {
        var (schedule, runs) = (new List<int>(), 0);
        do
        {
            var (files, actors, check) = make();
            var choices = Run(files, actors, schedule);
            check();
            runs++;
            Assert.True(runs < 200_000, "there are too many orders");

            // The next schedule in order: the last choice that can be another one is.
            while (choices.Count > 0 && choices[^1].Chosen == choices[^1].Among - 1) choices.RemoveAt(choices.Count - 1);
            schedule = [.. choices.Select(c => c.Chosen)];
            if (schedule.Count > 0) schedule[^1]++;
        }
        while (schedule.Count > 0);
        return runs;
    }

    private static List<(int Chosen, int Among)> Run(SharedFiles files, Action[] actors, List<int> schedule)
    {
        var turns = actors.Select(_ => new SemaphoreSlim(0)).ToArray();
        var (arrived, ended, failures) = (new SemaphoreSlim(0), new bool[actors.Length], new List<Exception>());
        files.Access = actor =>
        {
            arrived.Release();
            turns[actor].Wait();
        };
        var threads = actors.Select((act, i) => new Thread(() =>
        {
            try
            {
                act();
            }
            catch (Exception e)
            {
                lock (failures) failures.Add(e);
            }

            ended[i] = true;
            arrived.Release();
        })).ToArray();

        // One runs at a time: each comes to its first access before the next begins.
        foreach (var thread in threads)
        {
            thread.Start();
            arrived.Wait();
        }

        var choices = new List<(int, int)>();
        while (Enumerable.Range(0, actors.Length).Where(i => !ended[i]).ToArray() is { Length: > 0 } waiting)
        {
            var chosen = choices.Count < schedule.Count ? schedule[choices.Count] : 0;
            choices.Add((chosen, waiting.Length));
            turns[waiting[chosen]].Release();
            arrived.Wait();
        }

        foreach (var thread in threads) thread.Join();
        files.Access = _ => { };
        if (failures.Count > 0) throw new InvalidOperationException($"order {string.Join(' ', choices)}", failures[0]);
        return choices;
    }
}
