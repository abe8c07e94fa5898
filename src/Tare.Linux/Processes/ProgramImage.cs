using System.Runtime.InteropServices;
using Tare.Linux.Interop;

namespace Tare.Linux.Processes;

/// <summary>How this process's own program file is mapped (elf(5), program headers), and which of those pages were changed since (proc_pid_pagemap(5)).</summary>
public static unsafe class ProgramImage
{
    private const int ProgramHeaders = 3; // AT_PHDR and so on, getauxval(3)
    private const int ProgramHeaderSize = 4;
    private const int ProgramHeaderCount = 5;
    private const uint Load = 1; // PT_LOAD
    private const ulong OfFile = 1ul << 61;
    private const ulong Present = 1ul << 63;
    private const ulong Swapped = 1ul << 62;

    /// <summary>A page's size in bytes.</summary>
    public static int PageSize { get; } = Environment.SystemPageSize;

    /// <summary>The mapped pieces in the order of their addresses: each is of one segment, and all its pages are changed or none is.</summary>
    /// <exception cref="LinuxException">/proc/self/pagemap cannot be read.</exception>
    public static List<ProgramPiece> Pieces()
    {
        List<ProgramPiece> pieces = [];
        int pagemap = Libc.open("/proc/self/pagemap", Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
        if (pagemap < 0)
        {
            throw LinuxException.Last("open", "/proc/self/pagemap");
        }

        try
        {
            byte* headers = (byte*)Libc.getauxval(ProgramHeaders);
            int size = (int)Libc.getauxval(ProgramHeaderSize);
            int count = (int)Libc.getauxval(ProgramHeaderCount);
            nint moved = Displacement(headers, size, count);
            for (int i = 0; i < count; i++)
            {
                ElfProgramHeader* header = (ElfProgramHeader*)(headers + (i * size));
                if (header->Type == Load)
                {
                    AddSegment(pieces, pagemap, *header, moved);
                }
            }
        }
        finally
        {
            _ = Libc.close(pagemap);
        }

        return pieces;
    }

    // How far a position-independent program was moved from the addresses in its headers: the one at offset 0 begins with the file's header.
    private static nint Displacement(byte* headers, int size, int count)
    {
        const int ElfHeaderSize = 64;
        for (int i = 0; i < count; i++)
        {
            ElfProgramHeader* header = (ElfProgramHeader*)(headers + (i * size));
            if (header->Type == Load && header->Offset == 0)
            {
                return (nint)headers - ElfHeaderSize - (nint)header->Address;
            }
        }

        return 0;
    }

    private static void AddSegment(List<ProgramPiece> pieces, int pagemap, in ElfProgramHeader header, nint moved)
    {
        nint start = (nint)header.Address + moved;
        nint first = start & ~(nint)(PageSize - 1);
        nint end = (start + (nint)header.FileSize + PageSize - 1) & ~(nint)(PageSize - 1);
        // PF_R, PF_W and PF_X are PROT_READ, PROT_WRITE and PROT_EXEC in the reverse order.
        int protection = (int)(((header.Flags & 4) >> 2) | (header.Flags & 2) | ((header.Flags & 1) << 2));
        long offset = (long)header.Offset - (start - first);
        if ((header.Flags & 1) != 0)
        {
            // Code is never written to.
            pieces.Add(new ProgramPiece(first, end - first, offset, protection, Changed: false));
            return;
        }

        int pages = (int)((end - first) / PageSize);
        ulong[] entries = new ulong[pages];
        fixed (ulong* buffer = entries)
        {
            nint read = Libc.pread(pagemap, buffer, (nuint)(pages * sizeof(ulong)), first / PageSize * sizeof(ulong));
            if (read != pages * sizeof(ulong))
            {
                throw LinuxException.Last("read", "/proc/self/pagemap");
            }
        }

        for (int from = 0, to; from < pages; from = to)
        {
            bool changed = IsChanged(entries[from]);
            for (to = from + 1; to < pages && IsChanged(entries[to]) == changed; to++)
            {
            }

            pieces.Add(new ProgramPiece(first + ((nint)from * PageSize), (nint)(to - from) * PageSize, offset + ((long)from * PageSize), protection, changed));
        }
    }

    private static bool IsChanged(ulong entry) => (entry & (Present | Swapped)) != 0 && (entry & OfFile) == 0;

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct ElfProgramHeader
    {
        public readonly uint Type;
        public readonly uint Flags;
        public readonly ulong Offset;
        public readonly ulong Address;
        public readonly ulong PhysicalAddress;
        public readonly ulong FileSize;
        public readonly ulong MemorySize;
        public readonly ulong Alignment;
    }
}
