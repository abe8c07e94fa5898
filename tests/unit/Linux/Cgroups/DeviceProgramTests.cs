using Tare.Linux.Cgroups;

namespace Tare.UnitTests.Linux.Cgroups;

public sealed class DeviceProgramTests
{
    private const uint Mknod = 1;
    private const uint Read = 2;
    private const uint Write = 4;
    private const uint Block = 1;
    private const uint Character = 2;

    private static readonly CgroupDeviceRule[] s_rules =
    [
        new(true, 'c', 99, 99, "rwm"),
        new(false, 'a', null, null, "rwm"),
        new(true, 'c', null, null, "m"),
        new(true, 'c', 1, 3, "rwm"),
        new(true, 'b', 8, null, "r"),
        new(true, 'c', 5, 1, "rw"),
        new(false, 'c', 5, 1, "w"),
        new(false, 'c', 10, 229, "rwm"),
    ];

    [Theory]
    [InlineData(Character, 1, 3, Read | Write | Mknod, true)]
    [InlineData(Block, 1, 3, Read, false)]
    [InlineData(Character, 7, 7, Mknod, true)]
    [InlineData(Character, 7, 7, Mknod | Read, false)]
    [InlineData(Block, 8, 16, Read, true)]
    [InlineData(Block, 8, 16, Read | Write, false)]
    [InlineData(Character, 5, 1, Read, true)]
    [InlineData(Character, 5, 1, Read | Write, false)]
    [InlineData(Character, 5, 1, Read | Mknod, true)]
    [InlineData(Character, 10, 229, Mknod, false)]
    [InlineData(Character, 99, 99, Read, false)]
    public void TheLastEntryThatSpeaksOfARightDecides(uint type, uint major, uint minor, uint access, bool allowed) =>
        Assert.Equal(allowed, Run(DeviceProgram.Build(s_rules), type, access, major, minor));

    [Fact]
    public void AnEmptyListRefusesAndAnOpenOneAllows()
    {
        Assert.False(Run(DeviceProgram.Build([]), Character, Read, 1, 3));
        Assert.True(Run(DeviceProgram.Build([new(true, 'a', null, null, "rwm")]), Block, Read | Write, 8, 0));
    }

    // The few instructions of eBPF that the builder emits.
    private static bool Run(ulong[] code, uint type, uint access, uint major, uint minor)
    {
        ulong[] r = new ulong[11];
        uint[] context = [(access << 16) | type, major, minor];
        for (int pc = 0; ; pc++)
        {
            ulong i = code[pc];
            int destination = (int)(i >> 8) & 15;
            int source = (int)(i >> 12) & 15;
            short offset = (short)(i >> 16);
            int constant = (int)(i >> 32);
            switch ((byte)i)
            {
                case 0x61:
                    r[destination] = context[offset / 4];
                    break;
                case 0x54:
                    r[destination] = (uint)r[destination] & (uint)constant;
                    break;
                case 0x74:
                    r[destination] = (uint)r[destination] >> constant;
                    break;
                case 0xbc:
                    r[destination] = (uint)r[source];
                    break;
                case 0xb7:
                    r[destination] = (ulong)constant;
                    break;
                case 0x15:
                    pc += r[destination] == (ulong)constant ? offset : 0;
                    break;
                case 0x55:
                    pc += r[destination] != (ulong)constant ? offset : 0;
                    break;
                case 0x95:
                    return r[0] == 1;
                default:
                    Assert.Fail($"instruction 0x{i & 0xff:x}");
                    break;
            }
        }
    }
}
