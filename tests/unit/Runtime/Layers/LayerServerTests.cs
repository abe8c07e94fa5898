using System.Runtime.InteropServices;
using Tare.Linux;
using Tare.Linux.Fuse;

namespace Tare.UnitTests.Runtime.Layers;

/// <summary>What the server of a limited layer answers, and what it has in its account after each change: always what the tree itself says.</summary>
public sealed class LayerServerTests : IDisposable
{
    private const long Limit = 1 << 20;
    private readonly LayerChannel _channel = new(Limit);

    public void Dispose() => _channel.Dispose();

    [Fact]
    public void TheFirstRequestSettlesWhatIsSpoken()
    {
        byte[] answer = _channel.Ask(FuseOpcode.Init, 0, new FuseInitIn { Major = 7, Minor = 45, MaxReadahead = 131072, Flags = uint.MaxValue });
        FuseInitOut settled = MemoryMarshal.Read<FuseInitOut>(answer);
        Assert.Equal(64, answer.Length);
        Assert.Equal((7u, 33u, 1u << 20, (ushort)256), (settled.Major, settled.Minor, settled.MaxWrite, settled.MaxPages));
        // Write-back caching would let more be written than there is room for; nobody would be told.
        Assert.Equal(0u, settled.Flags & (1 << 16));
        Assert.NotEqual(0u, settled.Flags & FuseFlags.PosixAcl);
        Assert.Equal(Errno.EPROTO, _channel.Try(FuseOpcode.Init, 0, new FuseInitIn { Major = 6 }));
    }

    [Fact]
    public void OnlyTheTwoFoldersAreServed()
    {
        Assert.NotEqual(0ul, _channel.UpperNode());
        Assert.Equal(Errno.ENOENT, _channel.Try(FuseOpcode.Lookup, FuseFlags.RootNode, "secret"));
        Assert.Equal(Errno.EPERM, _channel.Try(FuseOpcode.MkDir, FuseFlags.RootNode, new FuseMkDirIn { Mode = 0x1ED }, "new"));
        Assert.Equal(Errno.EPERM, _channel.Try(FuseOpcode.OpenDir, FuseFlags.RootNode, default(FuseOpenIn)));
        Assert.Equal(Errno.EPERM, _channel.Try(FuseOpcode.Rename2, _channel.UpperNode(), new FuseRename2In { NewDirectory = FuseFlags.RootNode }, "a", "b"));
        Assert.Equal(Errno.EINVAL, _channel.Try(FuseOpcode.Lookup, _channel.UpperNode(), ".."));
        Assert.Equal(Errno.EINVAL, _channel.Try(FuseOpcode.Lookup, _channel.UpperNode(), "../secret"));
    }

    [Fact]
    public void ANameThatIsMissingIsRememberedAsSuch() => Assert.Equal(0ul, _channel.LookUp(_channel.UpperNode(), "none").NodeId);

    [Fact]
    public void EveryChangeIsCounted()
    {
        ulong upper = _channel.UpperNode();
        (ulong file, ulong handle) = _channel.Create(upper, "file");
        Assert.Equal(Errno.None, _channel.Write(file, handle, 0, 10000, out _));
        Assert.Equal(Errno.None, _channel.Write(file, handle, 1 << 30, 1, out _));
        AssertCounted();
        _channel.Ask(FuseOpcode.FAllocate, file, new FuseFAllocateIn { Handle = handle, Offset = 0, Length = 50000, Mode = 1 });
        AssertCounted();
        _channel.Ask(FuseOpcode.FAllocate, file, new FuseFAllocateIn { Handle = handle, Offset = 0, Length = 8192, Mode = 3 });
        AssertCounted();
        _channel.Ask(FuseOpcode.SetAttr, file, new FuseSetAttrIn { Valid = FuseFlags.SetSize, Size = 100 });
        AssertCounted();
        _channel.Ask(FuseOpcode.MkDir, upper, new FuseMkDirIn { Mode = 0x1ED }, "folder");
        ulong folder = _channel.LookUp(upper, "folder").NodeId;
        ulong link = MemoryMarshal.Read<FuseEntryOut>(_channel.Ask(FuseOpcode.SymLink, folder, "link", new string('t', 200))).NodeId;
        _channel.Ask(FuseOpcode.Link, folder, file, "second");
        AssertCounted();
        _channel.Ask(FuseOpcode.Rename, upper, folder, "file", "link");
        _channel.Forget(link);
        AssertCounted();
        _channel.Ask(FuseOpcode.Unlink, folder, "second");
        _channel.Release(file, handle);
        AssertCounted();
        _channel.Ask(FuseOpcode.Unlink, folder, "link");
        _channel.Ask(FuseOpcode.RmDir, upper, "folder");
        _channel.Forget(file);
        _channel.Forget(folder);
        AssertCounted();
    }

    [Fact]
    public void AWriteBeyondTheLimitIsCutThenRefused()
    {
        ulong upper = _channel.UpperNode();
        (ulong file, ulong handle) = _channel.Create(upper, "file");
        ulong offset = 0;
        uint written;
        while (_channel.Write(file, handle, offset, 100_000, out written) == Errno.None)
        {
            offset += written;
        }

        Assert.InRange(_channel.Counted(), Limit - 65536, Limit);
        AssertCounted();
        // What has its place already can be written anew.
        Assert.Equal(Errno.None, _channel.Write(file, handle, 4096, 100_000, out written));
        Assert.Equal(100_000u, written);
        Assert.Equal(Errno.ENOSPC, _channel.Try(FuseOpcode.Write, file, new FuseTransferIn { Handle = handle, Offset = 1 << 30, Size = 4096, TransferFlags = FuseFlags.WriteCache }, new byte[4096]));
        Assert.Equal(Errno.ENOSPC, _channel.Try(FuseOpcode.FAllocate, file, new FuseFAllocateIn { Handle = handle, Offset = 1 << 30, Length = 4096 }));
        Assert.Equal(Errno.ENOSPC, _channel.Try(FuseOpcode.MkDir, upper, new FuseMkDirIn { Mode = 0x1ED }, "folder"));
        Assert.Equal(Errno.ENOSPC, _channel.Try(FuseOpcode.SymLink, upper, "link", "target"));
        _channel.Ask(FuseOpcode.SetAttr, file, new FuseSetAttrIn { Valid = FuseFlags.SetSize, Size = 0 });
        Assert.Equal(Errno.None, _channel.Write(file, handle, 0, 100_000, out written));
        _channel.Release(file, handle);
    }

    [Fact]
    public void AFileWithHolesIsLookedAtOnceMoreWhenItIsOnTheDisk()
    {
        (ulong file, ulong handle) = _channel.Create(_channel.UpperNode(), "file");
        for (ulong i = 0; i < 12; i++)
        {
            Assert.Equal(Errno.None, _channel.Write(file, handle, i << 20, 4096, out _));
        }

        Assert.Equal(4096, _channel.Server.LateMapBytes);
        _channel.Ask(FuseOpcode.FSync, file, new FuseFSyncIn { Handle = handle });
        Assert.Equal(0, _channel.Server.LateMapBytes);
        Assert.Equal(_channel.Counted(), _channel.Server.Account.Used);
        _channel.Release(file, handle);
    }

    [Fact]
    public void FilesWithoutContentHaveTheirPrice()
    {
        ulong upper = _channel.UpperNode();
        int made = 0;
        while (made < 10_000 && _channel.Try(FuseOpcode.MkNod, upper, new FuseMkNodIn { Mode = 0x81A4 }, $"n{made}") == Errno.None)
        {
            made++;
        }

        Assert.InRange(made, 500, (int)(Limit / 512));
        AssertCounted();
    }

    [Fact]
    public void AFileWithoutANameCountsUntilNobodyKnowsIt()
    {
        ulong upper = _channel.UpperNode();
        (ulong file, ulong handle) = _channel.Create(upper, "file");
        _channel.Write(file, handle, 0, 400_000, out _);
        long before = _channel.Server.Account.Used;
        _channel.Ask(FuseOpcode.Unlink, upper, "file");
        Assert.Equal(before, _channel.Server.Account.Used);
        _channel.Server.Account.Recount();
        Assert.Equal(before, _channel.Server.Account.Used);
        Assert.Equal(Errno.None, _channel.Write(file, handle, 0, 10, out _));
        _channel.Release(file, handle);
        // Its attributes can still be asked for, by whoever holds it otherwise.
        FuseAttrOut attributes = MemoryMarshal.Read<FuseAttrOut>(_channel.Ask(FuseOpcode.GetAttr, file, default(FuseGetAttrIn)));
        Assert.Equal((0u, 400_000ul), (attributes.Attr.NLink, attributes.Attr.Size));
        _channel.Forget(file);
        AssertCounted();
        Assert.Equal(Errno.ESTALE, _channel.Try(FuseOpcode.GetAttr, file, default(FuseGetAttrIn)));
    }

    [Fact]
    public void ALinkOfTheContainerLeadsNowhere()
    {
        File.CreateSymbolicLink(_channel.Upper + "/out", "/etc");
        ulong link = _channel.LookUp(_channel.UpperNode(), "out").NodeId;
        Assert.Equal("/etc", System.Text.Encoding.UTF8.GetString(_channel.Ask(FuseOpcode.ReadLink, link)));
        Assert.NotEqual(Errno.None, _channel.Try(FuseOpcode.Lookup, link, "passwd"));
        Assert.Equal(Errno.EINVAL, _channel.Try(FuseOpcode.Open, link, default(FuseOpenIn)));
        Assert.NotEqual(Errno.None, _channel.Try(FuseOpcode.OpenDir, link, default(FuseOpenIn)));
    }

    [Fact]
    public void ADirectoryIsReadInPieces()
    {
        for (int i = 0; i < 500; i++)
        {
            File.WriteAllText($"{_channel.Upper}/file{i}", "");
        }

        foreach (FuseOpcode opcode in (ReadOnlySpan<FuseOpcode>)[FuseOpcode.ReadDir, FuseOpcode.ReadDirPlus])
        {
            ulong upper = _channel.UpperNode();
            ulong handle = MemoryMarshal.Read<FuseOpenOut>(_channel.Ask(FuseOpcode.OpenDir, upper, default(FuseOpenIn))).Handle;
            int head = opcode == FuseOpcode.ReadDirPlus ? Marshal.SizeOf<FuseEntryOut>() : 0;
            HashSet<string> names = [];
            ulong place = 0;
            byte[] piece;
            while ((piece = _channel.Ask(opcode, upper, new FuseTransferIn { Handle = handle, Offset = place, Size = 4096 })).Length > 0)
            {
                for (int at = 0; at < piece.Length;)
                {
                    FuseDirent entry = MemoryMarshal.Read<FuseDirent>(piece.AsSpan(at + head));
                    Assert.True(names.Add(System.Text.Encoding.UTF8.GetString(piece, at + head + 24, (int)entry.NameLen)));
                    place = entry.Off;
                    at += (head + 24 + (int)entry.NameLen + 7) & ~7;
                }
            }

            Assert.Equal(502, names.Count);
            _channel.Ask(FuseOpcode.ReleaseDir, upper, new FuseReleaseIn { Handle = handle });
        }
    }

    [Fact]
    public void TheLimitIsTheSizeOfTheFileSystem()
    {
        FuseStatFsOut status = MemoryMarshal.Read<FuseStatFsOut>(_channel.Ask(FuseOpcode.StatFs, FuseFlags.RootNode));
        Assert.Equal((ulong)Limit, status.Blocks * status.FrSize);
        Assert.InRange(status.BFree * status.FrSize, (ulong)(Limit - _channel.Counted() - 4096), (ulong)Limit);
        Assert.True(status.BAvail < status.BFree);
        _channel.Server.Account.Limit = 2 * Limit;
        Assert.Equal(2ul * (ulong)Limit, MemoryMarshal.Read<FuseStatFsOut>(_channel.Ask(FuseOpcode.StatFs, FuseFlags.RootNode)).Blocks * 4096);
    }

    [Fact]
    public void WhatIsMadeHasOwnerAndModeOfTheRequest()
    {
        ulong upper = _channel.UpperNode();
        _channel.Ask(FuseOpcode.MkNod, upper, new FuseMkNodIn { Mode = 0x8DFF, Umask = 0x12 }, "file");
        FuseAttr attributes = _channel.LookUp(upper, "file").Attr;
        Assert.Equal(0x8DEDu, attributes.Mode);
        Assert.Equal(LayerChannel.Uid, attributes.Uid);
        ulong node = _channel.LookUp(upper, "file").NodeId;
        _channel.Ask(FuseOpcode.SetAttr, node, new FuseSetAttrIn { Valid = FuseFlags.SetKillPrivileges });
        Assert.Equal(0x81EDu, _channel.LookUp(upper, "file").Attr.Mode);
        _channel.Ask(FuseOpcode.SetAttr, node, new FuseSetAttrIn { Valid = FuseFlags.SetModification, Mtime = 1_000_000, MtimeNsec = 5 });
        attributes = _channel.LookUp(upper, "file").Attr;
        Assert.Equal((1_000_000ul, 5u), (attributes.Mtime, attributes.MtimeNsec));
    }

    [Fact]
    public void MalformedRequestsEndWithAnError()
    {
        ulong upper = _channel.UpperNode();
        (ulong file, ulong handle) = _channel.Create(upper, "file");
        Assert.Null(_channel.Raw([1, 2, 3]));
        Random random = new(42);
        foreach (FuseOpcode opcode in Enum.GetValues<FuseOpcode>())
        {
            for (int i = 0; i < 200; i++)
            {
                byte[] body = new byte[random.Next(0, 128)];
                random.NextBytes(body);
                if (i % 2 == 0 && body.Length >= 8)
                {
                    BitConverter.TryWriteBytes(body, handle);
                }

                ulong node = random.Next(4) switch { 0 => file, 1 => upper, 2 => FuseFlags.RootNode, _ => (ulong)random.NextInt64() };
                _channel.Raw(_channel.Build(opcode, node, body));
                // A length that is not that of the request.
                byte[] cut = _channel.Build(opcode, node, body);
                Assert.Null(_channel.Raw(cut.AsSpan(0, cut.Length - 1)));
            }
        }

        Assert.Equal(Errno.EBADF, _channel.Try(FuseOpcode.Read, file, new FuseTransferIn { Handle = 999_999, Size = 1 }));
        Assert.Equal(Errno.EINVAL, _channel.Try(FuseOpcode.Read, file, new FuseTransferIn { Handle = handle, Size = uint.MaxValue }));
        Assert.Equal(Errno.EINVAL, _channel.Try(FuseOpcode.Write, file, new FuseTransferIn { Handle = handle, Size = 5 }, new byte[4]));
        Assert.Equal(Errno.ENOSYS, _channel.Try((FuseOpcode)4711, file));
    }

    private void AssertCounted() => Assert.Equal(_channel.Counted(), _channel.Server.Account.Used - _channel.Server.LateMapBytes);
}
