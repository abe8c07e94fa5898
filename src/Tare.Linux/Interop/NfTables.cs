using System.Runtime.InteropServices;

namespace Tare.Linux.Interop;

/// <summary>libnftables(3): runs nft commands in this process, each text as one transaction. Loaded at the first use.</summary>
public static unsafe class NfTables
{
    private const string LibraryName = "libnftables.so.1";
    private static readonly Lock s_lock = new();
    private static nint s_library;

    /// <summary>Runs commands.</summary>
    /// <returns>What listing commands print, with the handles of rules; empty for others.</returns>
    /// <exception cref="NfTablesException">nft refuses the commands; nothing of them is in force.</exception>
    /// <exception cref="DllNotFoundException">The library is not installed; the message names the package.</exception>
    public static string Run(string commands)
    {
        const uint ShowHandles = 8; // NFT_CTX_OUTPUT_HANDLE
        lock (s_lock)
        {
            nint library = Library();
            nint context = ((delegate* unmanaged<uint, nint>)NativeLibrary.GetExport(library, "nft_ctx_new"))(0);
            nint text = Marshal.StringToCoTaskMemUTF8(commands);
            try
            {
                _ = ((delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "nft_ctx_buffer_error"))(context);
                _ = ((delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "nft_ctx_buffer_output"))(context);
                ((delegate* unmanaged<nint, uint, void>)NativeLibrary.GetExport(library, "nft_ctx_output_set_flags"))(context, ShowHandles);
                int result = ((delegate* unmanaged<nint, nint, int>)NativeLibrary.GetExport(library, "nft_run_cmd_from_buffer"))(context, text);
                nint buffer = ((delegate* unmanaged<nint, nint>)NativeLibrary.GetExport(library, result == 0 ? "nft_ctx_get_output_buffer" : "nft_ctx_get_error_buffer"))(context);
                string answer = Marshal.PtrToStringUTF8(buffer) ?? "";
                return result == 0 ? answer : throw new NfTablesException(answer.Trim());
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
