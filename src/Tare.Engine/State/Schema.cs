namespace Tare.Engine.State;

/// <summary>
/// The tables, as a list of steps: step n brings a database from version n (PRAGMA user_version) to n + 1. Steps are never changed, only appended.
/// Documents are JSON; what is searched or must be unique is a column.
/// </summary>
internal static class Schema
{
    /// <summary>The steps, in order.</summary>
    public static readonly string[] Steps =
    [
        """
        CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE containers (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, document BLOB NOT NULL, state BLOB NOT NULL);
        CREATE TABLE images (id TEXT PRIMARY KEY, document BLOB NOT NULL);
        CREATE TABLE image_names (reference TEXT PRIMARY KEY, image TEXT NOT NULL, tagged TEXT NOT NULL);
        CREATE TABLE volumes (name TEXT PRIMARY KEY, document BLOB NOT NULL);
        """,
    ];
}
