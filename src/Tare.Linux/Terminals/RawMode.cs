using Tare.Linux.Interop;

namespace Tare.Linux.Terminals;

/// <summary>A terminal in raw mode. Disposing restores the mode before; any thread may do it, the first call counts.</summary>
public sealed class RawMode : IDisposable
{
    private readonly int _descriptor;
    private Libc.TerminalAttributes _former;
    private int _restored;

    internal RawMode(int descriptor, Libc.TerminalAttributes former)
    {
        _descriptor = descriptor;
        _former = former;
    }

    /// <inheritdoc/>
    public unsafe void Dispose()
    {
        if (Interlocked.Exchange(ref _restored, 1) == 0)
        {
            fixed (Libc.TerminalAttributes* former = &_former)
            {
                // SAFETY: the struct is pinned for the call. A terminal that is gone meanwhile needs no restoring.
                _ = Libc.tcsetattr(_descriptor, Libc.TCSANOW, former);
            }
        }
    }
}
