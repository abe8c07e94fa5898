using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using Tare.Linux.Files;

namespace Tare.Engine.Logs;

/// <summary>
/// Compresses older log files in the background, one at a time: the shims, which write them, stay small. What a crash leaves half done is a file that nobody names, and
/// is done again after the next rotation or start.
/// </summary>
/// <param name="log">Where failures are told.</param>
internal sealed class LogCompressor(ILogger log) : IAsyncDisposable
{
    private readonly Channel<string> _paths = Channel.CreateUnbounded<string>(new UnboundedChannelOptions { SingleReader = true });
    private Task? _worker;

    /// <summary>Has the older files of a log compressed.</summary>
    /// <param name="path">Path of the current file.</param>
    public void Add(string path)
    {
        _worker ??= Task.Run(WorkAsync);
        _paths.Writer.TryWrite(path);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _paths.Writer.TryComplete();
        if (_worker is not null)
        {
            await _worker;
        }
    }

    /// <summary>Compresses every older file of a log that is not yet.</summary>
    public static void Compress(string path)
    {
        LogFiles files = new(path, compact: false);
        string folder = Path.GetDirectoryName(path)!;
        string temporary = path + ".gz.tmp";
        for (int number = 1; File.Exists(files.NameOf(number)) || File.Exists(files.NameOf(number) + CompressedLog.Suffix); number++)
        {
            SafeFileHandle source;
            try
            {
                source = File.OpenHandle(files.NameOf(number), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            }
            catch (FileNotFoundException)
            {
                continue;
            }

            using (source)
            {
                LogIdentity identity = LogIdentity.Of(FileStatus.Of(source));
                if (identity.Birth == 0)
                {
                    // A reader could not tell it from a later file that got its inode.
                    return;
                }

                CompressedLog.Write(source, identity, temporary);
                using FolderLock? held = FolderLock.TryTake(folder);
                Exchange(files, identity, temporary);
            }
        }
    }

    /// <summary>Puts the compressed file in the place of the other, wherever that is by now. The folder's lock is held: nobody renames meanwhile.</summary>
    private static void Exchange(LogFiles files, LogIdentity identity, string temporary)
    {
        for (int number = 1; number <= files.Oldest(); number++)
        {
            string name = files.NameOf(number);
            if (FileStatus.TryGet(name, followLink: false, out FileStatus status) && LogIdentity.Of(status) == identity)
            {
                File.Move(temporary, name + CompressedLog.Suffix, overwrite: true);
                File.Delete(name);
                return;
            }
        }

        File.Delete(temporary);
    }

    private async Task WorkAsync()
    {
        await foreach (string path in _paths.Reader.ReadAllAsync())
        {
            try
            {
                Compress(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                if (Directory.Exists(Path.GetDirectoryName(path)))
                {
                    Log.CompressionFailed(log, path, e);
                }
            }
        }
    }
}
