using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Tare.Engine.Errors;

namespace Tare.Engine.State;

/// <summary>
/// The engine's SQLite database (<c>tare.db</c>). One background writer runs all changes in the order in which they were asked for, and commits
/// together what is waiting (group commit). WAL with synchronous=NORMAL: a commit survives a kill of the process without any fsync, a power cut may take
/// the last commits but never the consistency (https://sqlite.org/pragma.html#pragma_synchronous); <see cref="WriteSyncedAsync"/> is for what must survive that too.
/// Reading happens once, at the start: afterwards the engine's memory is the truth for readers.
/// </summary>
internal sealed class EngineDatabase : IAsyncDisposable
{
    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _prepared = [];
    private readonly Channel<Request> _requests = Channel.CreateUnbounded<Request>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Task _writer;

    private EngineDatabase(SqliteConnection connection)
    {
        _connection = connection;
        _writer = Task.Run(RunAsync);
    }

    /// <summary>Opens the database, makes it when missing, and brings it to the present schema. <paramref name="load"/> reads what is in it.</summary>
    /// <exception cref="EngineException">DataLoss: it is no database. FailedPrecondition: a newer Tare wrote it.</exception>
    public static EngineDatabase Open(string path, Action<SqliteConnection> load)
    {
        SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        try
        {
            connection.Open();
            Execute(connection, "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=5000; PRAGMA journal_size_limit=4194304;");
            Migrate(connection, path);
            load(connection);
            return new EngineDatabase(connection);
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw new EngineException(ErrorClass.DataLoss, $"open state \"{path}\": {e.Message}", e);
        }
        catch (EngineException)
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Runs statements in one transaction; the task ends when they are committed.</summary>
    /// <exception cref="EngineException">ResourceExhausted or Internal: the commit failed; nothing was changed.</exception>
    public Task WriteAsync(params Statement[] statements) => Enqueue(statements, synced: false);

    /// <summary>As <see cref="WriteAsync"/>, and the task ends only when the change survives a power cut.</summary>
    public Task WriteSyncedAsync(params Statement[] statements) => Enqueue(statements, synced: true);

    /// <summary>Writes what is waiting and closes the database.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_requests.Writer.TryComplete())
        {
            await _writer;
            foreach (SqliteCommand command in _prepared.Values)
            {
                await command.DisposeAsync();
            }

            await _connection.DisposeAsync();
        }
    }

    /// <summary>Gives the rows of a query to <paramref name="row"/>; for the load at the start.</summary>
    public static void Read(SqliteConnection connection, string sql, Action<SqliteDataReader> row)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        using SqliteDataReader reader = command.ExecuteReader();
        while (reader.Read())
        {
            row(reader);
        }
    }

    /// <summary>Reads a database that may be in use, and has SQLite look for damage in its file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="load">Reads what is in it.</param>
    /// <param name="faults">Gets what SQLite found.</param>
    /// <exception cref="SqliteException">It cannot be read.</exception>
    public static void Inspect(string path, Action<SqliteConnection> load, List<string> faults)
    {
        using SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, Mode = SqliteOpenMode.ReadOnly }.ToString());
        connection.Open();
        Read(connection, "PRAGMA integrity_check", row => faults.Add(row.GetString(0)));
        faults.RemoveAll(static fault => fault == "ok");
        load(connection);
    }

    private static void Migrate(SqliteConnection connection, string path)
    {
        long version = 0;
        Read(connection, "PRAGMA user_version", reader => version = reader.GetInt64(0));
        if (version > Schema.Steps.Length)
        {
            throw new EngineException(
                ErrorClass.FailedPrecondition,
                $"open state \"{path}\": its version is {version}, this program knows up to {Schema.Steps.Length}; hint: a newer tared wrote it");
        }

        for (; version < Schema.Steps.Length; version++)
        {
            Execute(connection, $"BEGIN IMMEDIATE; {Schema.Steps[version]} PRAGMA user_version={version + 1}; COMMIT;");
        }
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private Task Enqueue(Statement[] statements, bool synced)
    {
        Request request = new(statements, synced, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        return _requests.Writer.TryWrite(request)
            ? request.Done.Task
            : Task.FromException(new EngineException(ErrorClass.Unavailable, "the engine is shutting down"));
    }

    private async Task RunAsync()
    {
        List<Request> batch = [];
        while (await _requests.Reader.WaitToReadAsync())
        {
            while (_requests.Reader.TryRead(out Request request))
            {
                batch.Add(request);
            }

            Commit(batch);
            batch.Clear();
        }
    }

    private void Commit(List<Request> batch)
    {
        try
        {
            Run(new Statement("BEGIN IMMEDIATE"));
            foreach (Request request in batch)
            {
                foreach (Statement statement in request.Statements)
                {
                    Run(statement);
                }
            }

            Run(new Statement("COMMIT"));
            if (batch.Exists(r => r.Synced))
            {
                Run(new Statement("PRAGMA wal_checkpoint(FULL)"));
            }
        }
        catch (SqliteException e)
        {
            Abandon(batch, e);
            return;
        }

        foreach (Request request in batch)
        {
            request.Done.SetResult();
        }
    }

    private void Abandon(List<Request> batch, SqliteException cause)
    {
        try
        {
            Run(new Statement("ROLLBACK"));
        }
        catch (SqliteException e) when (e.SqliteErrorCode == SQLitePCL.raw.SQLITE_ERROR)
        {
            // SQLite rolled back by itself (disk full): there is no transaction left to end.
        }

        ErrorClass kind = cause.SqliteErrorCode == SQLitePCL.raw.SQLITE_FULL ? ErrorClass.ResourceExhausted : ErrorClass.Internal;
        foreach (Request request in batch)
        {
            request.Done.SetException(new EngineException(kind, $"write state: {cause.Message}", cause));
        }
    }

    private void Run(Statement statement)
    {
        if (!_prepared.TryGetValue(statement.Sql, out SqliteCommand? command))
        {
            command = _connection.CreateCommand();
#pragma warning disable CA2100 // the texts are constants of this assembly
            command.CommandText = statement.Sql;
#pragma warning restore CA2100
            for (int i = 0; i < statement.Values.Length; i++)
            {
                command.Parameters.Add(new SqliteParameter($"${i + 1}", null));
            }

            _prepared.Add(statement.Sql, command);
        }

        for (int i = 0; i < statement.Values.Length; i++)
        {
            command.Parameters[i].Value = statement.Values[i] ?? DBNull.Value;
        }

        command.ExecuteNonQuery();
    }

    private readonly record struct Request(Statement[] Statements, bool Synced, TaskCompletionSource Done);
}
