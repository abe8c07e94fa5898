using System.Runtime.InteropServices;
using System.Runtime.InteropServices.Marshalling;
using Tare.Linux.Files;

namespace Tare.Linux.Interop;

/// <summary>Passes file names to the C library as <see cref="FileNames"/> writes them.</summary>
[CustomMarshaller(typeof(string), MarshalMode.ManagedToUnmanagedIn, typeof(ManagedToUnmanagedIn))]
public static unsafe class FileNameMarshaller
{
    /// <summary>One argument of one call.</summary>
    public ref struct ManagedToUnmanagedIn
    {
        private byte* _name;
        private bool _allocated;

        /// <summary>Bytes on the stack that most names fit in.</summary>
        public static int BufferSize => 256;

        /// <summary>Writes the name into <paramref name="buffer"/>, which is on the stack, or into memory of its own.</summary>
        public void FromManaged(string? managed, Span<byte> buffer)
        {
            if (managed is null)
            {
                return;
            }

            int maximum = FileNames.MaximumBytes(managed);
            if (maximum > buffer.Length)
            {
                _allocated = true;
                _name = (byte*)NativeMemory.Alloc((nuint)maximum);
                FileNames.Encode(managed, new Span<byte>(_name, maximum));
                return;
            }

            FileNames.Encode(managed, buffer);
            // SAFETY: the generated code's buffer is on the stack and outlives the call.
            _name = (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref MemoryMarshal.GetReference(buffer));
        }

        /// <summary>The argument.</summary>
        public readonly byte* ToUnmanaged() => _name;

        /// <summary>Frees what was allocated.</summary>
        public readonly void Free()
        {
            if (_allocated)
            {
                NativeMemory.Free(_name);
            }
        }
    }
}
