using System.Runtime.InteropServices;

namespace Tare.Linux.Interop;

/// <summary>libnftables(3): runs nft commands in this process, each text as one transaction. Loaded at the first use.</summary>
public static unsafe class NfTables
{
    private const string LibraryName = "libnftables.so.1";
    private static readonly Lock s_lock = new();
    private static nint s_library;
    private static nint s_context;

    /// <summary>Runs commands.</summary>
    /// <returns>What listing commands print, with the handles of rules; empty for others.</returns>
    /// <exception cref="NfTablesException">nft refuses the commands; nothing of them is in force.</exception>
    /// <exception cref="DllNotFoundException">The library is not installed; the message names the package.</exception>
    public static string Run(string commands)
    {
        lock (s_lock)
        {
            nint library = Library();
            nint context = Context(library);
            nint text = Marshal.StringToCoTaskMemUTF8(commands);
            try
            {
                int result = ((delegate* unmanaged<nint, nint, int>)NativeLibrary.GetExport(library, "nft_run_cmd_from_buffer"))(context, text);

                // Both buffers are read, which also empties them for the next run.
                string output = Text(library, "nft_ctx_get_output_buffer", context);
                string error = Text(library, "nft_ctx_get_error_buffer", context);
                return result == 0 ? output : throw new NfTablesException(error.Trim());
            }
            finally
            {
                Marshal.FreeCoTaskMem(text);
            }
        }
    }

    /// <summary>Opens the library's socket, which must happen while this process has fewer than 1024 descriptors; <see cref="Run"/> does it where nobody has done it before.</summary>
    /// <exception cref="DllNotFoundException">The library is not installed; the message names the package.</exception>
    public static void Open()
    {
        lock (s_lock)
        {
            _ = Context(Library());
        }
    }

    /// <summary>
    /// The context, made once, while this process has few descriptors: the library waits for its netlink socket by select(2), which knows descriptors below 1024 only and aborts
    /// the process at others.
    /// </summary>
    private static nint Context(nint library)
    {
        const uint ShowHandles = 8; // NFT_CTX_OUTPUT_HANDLE
        if (s_context == 0)
        {
            s_context = ((delegate* unmanaged<uint, nint>)NativeLibrary.GetExport(library, "nft_ctx_new"))(0);
            _ = ((delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "nft_ctx_buffer_error"))(s_context);
            _ = ((delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "nft_ctx_buffer_output"))(s_context);
            ((delegate* unmanaged<nint, uint, void>)NativeLibrary.GetExport(library, "nft_ctx_output_set_flags"))(s_context, ShowHandles);
        }

        return s_context;
    }

    private static string Text(nint library, string function, nint context) =>
        Marshal.PtrToStringUTF8(((delegate* unmanaged<nint, nint>)NativeLibrary.GetExport(library, function))(context)) ?? "";

    private static nint Library()
    {
        if (s_library == 0 && !NativeLibrary.TryLoad(LibraryName, out s_library))
        {
            throw new DllNotFoundException($"{LibraryName} is not installed: on Debian, apt-get install libnftables1");
        }

        return s_library;
    }
}
