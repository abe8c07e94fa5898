using System.Buffers.Binary;

namespace Tare.Storage.Tar;

/// <summary>Capabilities of a file, as the kernel keeps them in an extended attribute (linux/capability.h, struct vfs_ns_cap_data).</summary>
internal static class FileCapability
{
    /// <summary>The attribute.</summary>
    public const string Attribute = "security.capability";

    private const int PlainLength = 20;
    private const int NamespacedLength = 24;
    private const uint RevisionMask = 0xFF000000;
    private const uint Revision2 = 0x02000000;
    private const uint Revision3 = 0x03000000;

    /// <summary>What the container sees: capabilities that hold in its user namespace (revision 3, with its root's id outside) are plain ones there (revision 2).</summary>
    public static byte[] SeenBy(IdTranslation ids, byte[] value)
    {
        if (value.Length != NamespacedLength)
        {
            return value;
        }

        uint magic = BinaryPrimitives.ReadUInt32LittleEndian(value);
        if ((magic & RevisionMask) != Revision3 || ids.UserInside(BinaryPrimitives.ReadUInt32LittleEndian(value.AsSpan(PlainLength))) != 0)
        {
            return value;
        }

        byte[] plain = value[..PlainLength];
        BinaryPrimitives.WriteUInt32LittleEndian(plain, (magic & ~RevisionMask) | Revision2);
        return plain;
    }
}
