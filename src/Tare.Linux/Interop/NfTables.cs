using System.Runtime.InteropServices;

namespace Tare.Linux.Interop;

/// <summary>libnftables(3): runs nft commands in this process, each text as one transaction. Loaded at the first use.</summary>
public static unsafe class NfTables
{
    private const string LibraryName = "libnftables.so.1";
    private static readonly Lock s_lock = new();
    private static nint s_library;

    /// <summary>Runs commands.</summary>
    /// <returns>Null on success; nft's error text otherwise.</returns>
    /// <exception cref="DllNotFoundException">The library is not installed; the message names the package.</exception>
    public static string? Run(string commands)
    {
        lock (s_lock)
        {
            nint library = Library();
            nint context = ((delegate* unmanaged<uint, nint>)NativeLibrary.GetExport(library, "nft_ctx_new"))(0);
            nint text = Marshal.StringToCoTaskMemUTF8(commands);
            try
            {
                _ = ((delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "nft_ctx_buffer_error"))(context);
                _ = ((delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "nft_ctx_buffer_output"))(context);
                int result = ((delegate* unmanaged<nint, nint, int>)NativeLibrary.GetExport(library, "nft_run_cmd_from_buffer"))(context, text);
                nint error = ((delegate* unmanaged<nint, nint>)NativeLibrary.GetExport(library, "nft_ctx_get_error_buffer"))(context);
                return result == 0 ? null : Marshal.PtrToStringUTF8(error)?.Trim() ?? "unknown error";
            }
            finally
            {
                Marshal.FreeCoTaskMem(text);
                ((delegate* unmanaged<nint, void>)NativeLibrary.GetExport(library, "nft_ctx_free"))(context);
            }
        }
    }

    private static nint Library()
    {
        if (s_library == 0 && !NativeLibrary.TryLoad(LibraryName, out s_library))
        {
            throw new DllNotFoundException($"{LibraryName} is not installed: on Debian, apt-get install libnftables1");
        }

        return s_library;
    }
}
