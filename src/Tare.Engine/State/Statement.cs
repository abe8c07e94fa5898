namespace Tare.Engine.State;

/// <summary>One SQL statement with its values, to be run by the database's single writer.</summary>
/// <param name="Sql">The text, a constant: prepared statements are kept by it.</param>
/// <param name="Values">Values of <c>$1</c>, <c>$2</c> …; null is SQL's NULL.</param>
internal readonly record struct Statement(string Sql, params object?[] Values);
