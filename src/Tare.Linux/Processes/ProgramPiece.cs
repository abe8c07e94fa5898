namespace Tare.Linux.Processes;

/// <summary>Some mapped pages of a program's file.</summary>
/// <param name="Address">The first page's address.</param>
/// <param name="Length">Bytes, a multiple of the page size.</param>
/// <param name="Offset">Where the first page stands in the file.</param>
/// <param name="Protection">PROT_READ 1, PROT_WRITE 2, PROT_EXEC 4 (mmap(2)).</param>
/// <param name="Changed">Whether the pages are this process's own by now and differ from the file.</param>
public readonly record struct ProgramPiece(nint Address, nint Length, long Offset, int Protection, bool Changed);
