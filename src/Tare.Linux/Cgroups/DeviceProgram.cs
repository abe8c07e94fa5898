using System.Runtime.InteropServices;
using Tare.Linux.Interop;

namespace Tare.Linux.Cgroups;

/// <summary>
/// Device access on version 2: an eBPF program of type BPF_PROG_TYPE_CGROUP_DEVICE (kernel 4.15) on the group's directory. The program walks
/// the access list backwards and settles each of the wanted rights (read, write, mknod) by the last entry that speaks of it; a right that
/// no entry speaks of is refused.
/// </summary>
internal static unsafe class DeviceProgram
{
    private const int CommandLoad = 5;
    private const int CommandAttach = 8;
    private const int CommandDetach = 9;
    private const int CommandFdById = 13;
    private const int CommandQuery = 16;
    private const uint TypeCgroupDevice = 15;
    private const uint AttachCgroupDevice = 6;
    private const uint AllowMulti = 2;
    private const uint AccessMknod = 1;
    private const uint AccessRead = 2;
    private const uint AccessWrite = 4;
    private const uint TypeBlock = 1;
    private const uint TypeCharacter = 2;
    private const int MaxAttached = 64;

    private static readonly int s_bpf = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 280 : 321;

    // Registers: r2 type, r3 rights still to settle, r4 major, r5 minor, r1 scratch (holds struct bpf_cgroup_dev_ctx at first), r0 answer.
    private enum Operation : byte
    {
        LoadWord = 0x61,
        And32 = 0x54,
        Shift32 = 0x74,
        Move32 = 0xbc,
        Set64 = 0xb7,
        JumpEqual = 0x15,
        JumpNotEqual = 0x55,
        Exit = 0x95,
    }

    /// <summary>Puts the program for a list in place of those that the group has.</summary>
    /// <exception cref="CgroupException">The kernel refuses: EPERM without CAP_BPF and CAP_SYS_ADMIN in the initial user namespace.</exception>
    public static void Attach(string directory, IReadOnlyList<CgroupDeviceRule> rules)
    {
        int group = CgroupFile.Open(directory, Libc.O_RDONLY | Libc.O_DIRECTORY);
        if (group < 0)
        {
            throw Failed(directory, "open");
        }

        int program = -1;
        try
        {
            List<int> old = Attached(group);
            program = Load(Build(rules));
            AttachAttribute attach = new() { Target = (uint)group, Program = (uint)program, Type = AttachCgroupDevice, Flags = AllowMulti };
            if (program < 0 || Bpf(CommandAttach, &attach, sizeof(AttachAttribute)) < 0)
            {
                throw Failed(directory, "bpf");
            }

            // Several programs all have to agree: between attaching the new one and detaching the old ones access is never wider than either.
            foreach (int fd in old)
            {
                AttachAttribute detach = new() { Target = (uint)group, Program = (uint)fd, Type = AttachCgroupDevice };
                _ = Bpf(CommandDetach, &detach, sizeof(AttachAttribute));
                _ = Libc.close(fd);
            }
        }
        finally
        {
            _ = program < 0 ? 0 : Libc.close(program);
            _ = Libc.close(group);
        }
    }

    /// <summary>The instructions, each as the 8 bytes of struct bpf_insn.</summary>
    internal static ulong[] Build(IReadOnlyList<CgroupDeviceRule> rules)
    {
        List<ulong> code =
        [
            Instruction(Operation.LoadWord, 2, 1, 0, 0), // access << 16 | type
            Instruction(Operation.Move32, 3, 2, 0, 0),
            Instruction(Operation.And32, 2, 0, 0, 0xffff),
            Instruction(Operation.Shift32, 3, 0, 0, 16),
            Instruction(Operation.LoadWord, 4, 1, 4, 0),
            Instruction(Operation.LoadWord, 5, 1, 8, 0),
        ];
        for (int i = rules.Count - 1; i >= 0; i--)
        {
            code.AddRange(Entry(rules[i]));
            if (rules[i].IsEverything)
            {
                break;
            }
        }

        code.Add(Instruction(Operation.Set64, 0, 0, 0, 0));
        code.Add(Instruction(Operation.Exit, 0, 0, 0, 0));
        return [.. code];
    }

    private static List<ulong> Entry(CgroupDeviceRule rule)
    {
        uint rights = (rule.Access.Contains('r') ? AccessRead : 0) | (rule.Access.Contains('w') ? AccessWrite : 0) | (rule.Access.Contains('m') ? AccessMknod : 0);
        const uint All = AccessRead | AccessWrite | AccessMknod;
        List<ulong> settle = rule.Allow
            ?
            [
                Instruction(Operation.And32, 3, 0, 0, (int)(All & ~rights)),
                Instruction(Operation.JumpNotEqual, 3, 0, 2, 0),
                Instruction(Operation.Set64, 0, 0, 0, 1),
                Instruction(Operation.Exit, 0, 0, 0, 0),
            ]
            :
            [
                Instruction(Operation.Move32, 1, 3, 0, 0),
                Instruction(Operation.And32, 1, 0, 0, (int)rights),
                Instruction(Operation.JumpEqual, 1, 0, 2, 0),
                Instruction(Operation.Set64, 0, 0, 0, 0),
                Instruction(Operation.Exit, 0, 0, 0, 0),
            ];

        // Each test that fails jumps over the rest of the entry.
        List<(byte Register, uint Value)> tests = [];
        if (rule.Type is 'c' or 'b')
        {
            tests.Add((2, rule.Type == 'c' ? TypeCharacter : TypeBlock));
        }

        if (rule.Major is { } major)
        {
            tests.Add((4, (uint)major));
        }

        if (rule.Minor is { } minor)
        {
            tests.Add((5, (uint)minor));
        }

        List<ulong> entry = [];
        for (int i = 0; i < tests.Count; i++)
        {
            int skip = tests.Count - 1 - i + settle.Count;
            entry.Add(Instruction(Operation.JumpNotEqual, tests[i].Register, 0, (short)skip, (int)tests[i].Value));
        }

        entry.AddRange(settle);
        return entry;
    }

    private static ulong Instruction(Operation operation, byte destination, byte source, short offset, int constant) =>
        (byte)operation | ((ulong)(destination | (source << 4)) << 8) | ((ulong)(ushort)offset << 16) | ((ulong)(uint)constant << 32);

    private static int Load(ulong[] code)
    {
        ReadOnlySpan<byte> license = "Apache-2.0\0"u8;
        fixed (ulong* instructions = code)
        {
            fixed (byte* text = license)
            {
                LoadAttribute load = new() { Type = TypeCgroupDevice, Count = (uint)code.Length, Instructions = (ulong)instructions, License = (ulong)text };
                return (int)Bpf(CommandLoad, &load, sizeof(LoadAttribute));
            }
        }
    }

    private static List<int> Attached(int group)
    {
        uint* ids = stackalloc uint[MaxAttached];
        QueryAttribute query = new() { Target = (uint)group, Type = AttachCgroupDevice, Ids = (ulong)ids, Count = MaxAttached };
        List<int> programs = [];
        if (Bpf(CommandQuery, &query, sizeof(QueryAttribute)) < 0)
        {
            return programs;
        }

        for (int i = 0; i < query.Count; i++)
        {
            ulong id = ids[i];
            int fd = (int)Bpf(CommandFdById, &id, sizeof(ulong));
            if (fd >= 0)
            {
                programs.Add(fd);
            }
        }

        return programs;
    }

    private static nint Bpf(int command, void* attribute, int size) => Libc.Syscall(s_bpf, command, (nint)attribute, size);

    private static CgroupException Failed(string directory, string call)
    {
        LinuxException inner = LinuxException.Last(call, directory);
        return new CgroupException($"set device access of cgroup \"{directory}\": {inner.Message}", inner);
    }

    // Parts of union bpf_attr (linux/bpf.h).
    [StructLayout(LayoutKind.Sequential)]
    private struct LoadAttribute
    {
        public uint Type;
        public uint Count;
        public ulong Instructions;
        public ulong License;
        public ulong Log1;
        public ulong Log2;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct AttachAttribute
    {
        public uint Target;
        public uint Program;
        public uint Type;
        public uint Flags;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct QueryAttribute
    {
        public uint Target;
        public uint Type;
        public uint QueryFlags;
        public uint AttachFlags;
        public ulong Ids;
        public uint Count;
        private readonly uint _padding;
    }
}
