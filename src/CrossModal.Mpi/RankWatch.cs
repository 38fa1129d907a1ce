using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text;

namespace CrossModal.Mpi;

/// <summary>
/// Notices that a rank has ended before its time, which MPI does not: those that wait for it would wait for ever. Every rank keeps a
/// connection to rank 0. The system closes it when the process ends, however it does, and gives it up when the machine is gone.
/// </summary>
internal sealed class RankWatch
{
    private const byte Finished = (byte)'F';
    private const byte Failed = (byte)'E';
    private const byte EndAll = (byte)'X';
    private const int ExitCode = 1;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // Ranks mostly fail of one reason at the same time: rank 0 then speaks for all.
    private static readonly TimeSpan Politeness = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan Notice = TimeSpan.FromMilliseconds(300);

    private readonly int _rank;
    private readonly string[] _places;
    private readonly Action<int, string, string?> _lost;
    private readonly Socket?[] _sockets;
    private readonly ManualResetEventSlim _firstFinished = new();
    private int _ended;
    private volatile bool _finishing;

    private RankWatch(int rank, string[] places, Action<int, string, string?> lost) =>
        (_rank, _places, _lost, _sockets) = (rank, places, lost, new Socket?[places.Length]);

    /// <summary>Connects all ranks with rank 0.</summary>
    /// <param name="ranks">The ranks.</param>
    /// <param name="lost">Told of the rank that ended first.</param>
    /// <exception cref="IOException">A rank cannot reach rank 0.</exception>
    public static RankWatch Start(MpiRanks ranks, Action<int, string, string?> lost)
    {
        var host = Environment.MachineName;
        var places = ranks.GatherTexts(string.Create(CultureInfo.InvariantCulture, $"{host}, process {Environment.ProcessId}"));
        var watch = new RankWatch(ranks.Rank, places, lost);
        using var listener = ranks.Rank == 0 ? new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) : null;
        listener?.Bind(new IPEndPoint(IPAddress.Any, 0));
        listener?.Listen(ranks.Count);
        var first = ranks.GatherTexts(listener is null ? "" : Addresses(host, ((IPEndPoint)listener.LocalEndPoint!).Port))[0].Split(' ');
        if (listener is not null) watch.Accept(listener);
        else watch.Connect(first, host);
        return watch;
    }

    /// <summary>Tells that this rank needs the others no more, and waits without computing until rank 0 says so too.</summary>
    public void Finish()
    {
        _finishing = true;
        Send(Finished);
        if (_rank != 0) _firstFinished.Wait();
    }

    /// <summary>Leaves the watching threads time to report a rank that has ended, which ends this process: <c>mpirun</c> asks all others to
    /// stop at the same moment, and kills them a second later.</summary>
    public static void Settle() => Thread.Sleep(Notice);

    /// <summary>Ends this process and all others.</summary>
    public void Fail(int exitCode, string error)
    {
        if (_rank == 0)
        {
            if (Interlocked.Exchange(ref _ended, 1) == 0) Send(EndAll, (byte)exitCode);
        }
        else
        {
            Thread.Sleep(Politeness);
            var text = Encoding.UTF8.GetBytes(error);
            Send([Failed, .. BitConverter.GetBytes(text.Length), .. text]);
            Thread.Sleep(Politeness);
        }

        MpiLibrary.Exit(exitCode);
    }

    private static string Addresses(string host, int port)
    {
        var addresses = NetworkInterface.GetAllNetworkInterfaces().SelectMany(i => i.GetIPProperties().UnicastAddresses)
            .Select(a => a.Address).Where(a => a.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(a));
        return string.Create(CultureInfo.InvariantCulture, $"{host} {port} {string.Join(' ', addresses)}");
    }

    private void Accept(Socket listener)
    {
        for (var i = 1; i < _places.Length; i++)
        {
            if (!listener.Poll(Patience, SelectMode.SelectRead))
                throw new IOException($"rank 0 ({_places[0]}) waits for the other ranks to connect; a firewall may be between them");
            var socket = Keep(listener.Accept());
            var number = new byte[4];
            Read(socket, number);
            var rank = BitConverter.ToInt32(number);
            _sockets[rank] = socket;
            new Thread(() => WatchRank(rank, socket)) { IsBackground = true, Name = $"watch of rank {rank}" }.Start();
        }
    }

    private void Connect(string[] first, string host)
    {
        var port = int.Parse(first[1], CultureInfo.InvariantCulture);
        IPAddress[] addresses = first[0] == host ? [IPAddress.Loopback] : [.. first[2..].Select(IPAddress.Parse)];
        foreach (var address in addresses)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            if (!socket.ConnectAsync(address, port).Wait(Patience / addresses.Length))
            {
                socket.Dispose();
                continue;
            }

            _sockets[0] = Keep(socket);
            socket.Send(BitConverter.GetBytes(_rank));
            new Thread(() => WatchFirst(socket)) { IsBackground = true, Name = "watch of rank 0" }.Start();
            return;
        }

        throw new IOException($"rank {_rank} ({_places[_rank]}) cannot reach rank 0 ({_places[0]}) at port {port} of " +
            string.Join(", ", addresses.Select(a => $"{a}")));
    }

    /// <summary>Rank 0 watches another.</summary>
    private void WatchRank(int rank, Socket socket)
    {
        var sign = new byte[1];
        string? error = null;
        if (Read(socket, sign))
        {
            if (sign[0] == Finished)
            {
                // It waits for rank 0, and may still end before that is done.
                if (Read(socket, sign) || _finishing) return;
                EndOf(rank, null);
                return;
            }

            var length = new byte[4];
            var text = Read(socket, length) ? new byte[Math.Clamp(BitConverter.ToInt32(length), 0, 1 << 16)] : [];
            error = Read(socket, text) ? Encoding.UTF8.GetString(text) : "";
        }

        EndOf(rank, error);
    }

    /// <summary>Another rank watches rank 0, which also says that all is to end.</summary>
    private void WatchFirst(Socket socket)
    {
        var sign = new byte[1];
        var alive = Read(socket, sign);
        if (alive && sign[0] == Finished)
        {
            _firstFinished.Set();
            return;
        }

        if (alive) MpiLibrary.Exit(Read(socket, sign) ? sign[0] : ExitCode);
        if (_rank == 1) EndOf(0, null);
        Thread.Sleep(Politeness);
        MpiLibrary.Exit(ExitCode);
    }

    private void EndOf(int rank, string? error)
    {
        if (Interlocked.Exchange(ref _ended, 1) != 0) return;
        _lost(rank, _places[rank], error);
        if (_rank == 0) Send(EndAll, ExitCode);
        MpiLibrary.Exit(ExitCode);
    }

    private void Send(params byte[] message)
    {
        foreach (var socket in _sockets)
        {
            try
            {
                socket?.Send(message);
            }
            catch (SocketException)
            {
                // That one has ended already.
            }
        }
    }

    private static bool Read(Socket socket, Span<byte> into)
    {
        try
        {
            while (into.Length > 0)
            {
                var read = socket.Receive(into);
                if (read == 0) return false;
                into = into[read..];
            }

            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>A machine that is gone closes nothing: the system asks after it when nothing was heard for ten seconds.</summary>
    private static Socket Keep(Socket socket)
    {
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 10);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 5);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
        return socket;
    }
}
