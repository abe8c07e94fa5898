using System.Text;

namespace Tare.UnitTests.Fuzz;

/// <summary>Gives the headers of a tar archive that was changed right checksums again: else nearly every input would be refused for its first block alone.</summary>
internal static class TarRepair
{
    private const int BlockSize = 512;

    public static byte[] Repair(byte[] archive)
    {
        for (int start = 0; start + BlockSize <= archive.Length; start += BlockSize)
        {
            Span<byte> block = archive.AsSpan(start, BlockSize);
            if (block.Slice(257, 5).SequenceEqual("ustar"u8))
            {
                block.Slice(148, 8).Fill((byte)' ');
                int sum = 0;
                foreach (byte value in block)
                {
                    sum += value;
                }

                Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(block[148..]);
            }
        }

        return archive;
    }
}
