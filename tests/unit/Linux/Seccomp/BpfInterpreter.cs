using System.Buffers.Binary;
using Tare.Linux.Seccomp;

namespace Tare.UnitTests.Linux.Seccomp;

/// <summary>Runs a filter as the kernel does, on a struct seccomp_data.</summary>
internal static class BpfInterpreter
{
    public static uint Run(SockFilter[] program, uint architecture, uint number, ulong[] arguments)
    {
        Span<byte> data = stackalloc byte[64];
        BinaryPrimitives.WriteUInt32LittleEndian(data, number);
        BinaryPrimitives.WriteUInt32LittleEndian(data[4..], architecture);
        for (int i = 0; i < 6; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(data[(16 + (8 * i))..], arguments[i]);
        }

        uint a = 0;
        for (int pc = 0; ; pc++)
        {
            SockFilter f = program[pc];
            switch (f.Code)
            {
                case 0x20:
                    Assert.True(f.K % 4 == 0 && f.K < 64, "the kernel takes aligned words of seccomp_data only");
                    a = BinaryPrimitives.ReadUInt32LittleEndian(data[(int)f.K..]);
                    break;
                case 0x54:
                    a &= f.K;
                    break;
                case 0x05:
                    pc += (int)f.K;
                    break;
                case 0x15:
                    pc += a == f.K ? f.JumpTrue : f.JumpFalse;
                    break;
                case 0x25:
                    pc += a > f.K ? f.JumpTrue : f.JumpFalse;
                    break;
                case 0x35:
                    pc += a >= f.K ? f.JumpTrue : f.JumpFalse;
                    break;
                case 0x45:
                    pc += (a & f.K) != 0 ? f.JumpTrue : f.JumpFalse;
                    break;
                case 0x06:
                    return f.K;
                default:
                    Assert.Fail($"instruction 0x{f.Code:x} at {pc}");
                    break;
            }
        }
    }
}
