using System.Diagnostics;
using CrossModal.Engine.Formats;

namespace CrossModal.Engine.Tests.Formats;

/// <summary>Feeds damaged copies of good files to a reader and watches what comes out.</summary>
internal static class Mutation
{
    public const int Attempts = 10_000;

    /// <summary>Only <see cref="FileFormatException"/> may escape, memory stays bounded by the file's size, and no attempt hangs.</summary>
    /// <param name="good">Files that are read without error.</param>
    /// <param name="read">The reader.</param>
    /// <param name="seed">Seed of the damage.</param>
    /// <param name="repair">Mends check values, so that damage reaches what they protect.</param>
    /// <param name="mostMemory">Bytes that may be allocated for a file of so many; eight times as many and a MiB when not given.</param>
    /// <param name="prefix">What the message of a refusal begins with.</param>
    /// <param name="attempts">How many damaged files.</param>
    public static void Check(byte[][] good, Action<Stream> read, int seed, Action<byte[]>? repair = null,
        Func<long, long>? mostMemory = null,
        string prefix = "fuzz: ", int attempts = Attempts)
    {
        var random = new Random(seed);
        var refused = 0;
        foreach (var file in good)
            read(new MemoryStream(file));
        for (var attempt = 0; attempt < attempts; attempt++)
        {
            var damaged = Damage(good[attempt % good.Length], random);
            repair?.Invoke(damaged);
            var stream = new MemoryStream(damaged);
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            var started = Stopwatch.GetTimestamp();
            try
            {
                read(stream);
            }
            catch (FileFormatException e)
            {
                refused++;
                Assert.StartsWith(prefix, e.Message);
            }
            catch (Exception e)
            {
                Assert.Fail($"attempt {attempt} (seed {seed}): {e}\n{Convert.ToBase64String(damaged)}");
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
            Assert.True(
                allocated < (mostMemory ?? (bytes => bytes * 8 + (1 << 20)))(damaged.Length),
                $"attempt {attempt} (seed {seed}): {allocated} bytes for a file of {damaged.Length}");
            Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(5), $"attempt {attempt} (seed {seed}) took too long");
        }

        Assert.True(refused > attempts / 10, $"only {refused} of {attempts} were refused");
    }

    /// <summary>A copy with one to three changes: bits, bytes, cuts, insertions.</summary>
    public static byte[] Damage(byte[] good, Random random)
    {
        var bytes = good.ToArray();
        for (var changes = random.Next(1, 4); changes > 0 && bytes.Length > 0; changes--)
        {
            // Half of the changes go to the first bytes, where the structure is.
            var at = random.Next(random.Next(2) == 0 ? Math.Min(bytes.Length, 160) : bytes.Length);
            switch (random.Next(7))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes[at] = (byte)"0123456789-+.eE[]{}()\"',:\\ \n"[random.Next(28)];
                    break;
                case 3:
                    bytes = bytes[..at];
                    break;
                case 4:
                    var count = random.Next(1, 12);
                    bytes = [.. bytes[..at], .. Enumerable.Repeat((byte)random.Next(256), count), .. bytes[at..]];
                    break;
                case 5:
                    bytes = [.. bytes[..at], .. bytes[Math.Min(bytes.Length, at + random.Next(1, 9))..]];
                    break;
                default:
                    var length = Math.Min(4, bytes.Length - at);
                    bytes.AsSpan(at, length).Fill(random.Next(2) == 0 ? (byte)0xFF : (byte)0x7F);
                    break;
            }
        }

        return bytes;
    }
}
