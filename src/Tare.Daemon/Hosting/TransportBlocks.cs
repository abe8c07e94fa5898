using System.Buffers;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Tare.Daemon.Hosting;

/// <summary>
/// Blocks of memory that connections read into. The transport's own have 4 KiB, one system call each: archives that come in, hundreds of megabytes long, spend their time there.
/// A connection that waits holds none.
/// </summary>
internal sealed class TransportBlocks : MemoryPool<byte>, IMemoryPoolFactory<byte>
{
    private const int BlockSize = 64 * 1024;

    /// <inheritdoc/>
    public override int MaxBufferSize => BlockSize;

    /// <summary>Makes a transport take its blocks from here.</summary>
    /// <param name="options">The transport's options. What says where blocks come from has no public name (ASP.NET Core 10).</param>
    public static void Use(SocketTransportOptions options) => SetFactory(options, new TransportBlocks());

    /// <inheritdoc/>
    public override IMemoryOwner<byte> Rent(int minBufferSize = -1) => Shared.Rent(Math.Max(minBufferSize, BlockSize));

    /// <inheritdoc/>
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => this;

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_MemoryPoolFactory")]
    private static extern void SetFactory(SocketTransportOptions options, IMemoryPoolFactory<byte> factory);
}
