namespace Tare.Linux.DBus;

/// <summary>A service answered with an error, or the bus speaks otherwise than the specification says.</summary>
/// <param name="name">The error's name: <c>org.freedesktop.systemd1.UnitExists</c>.</param>
/// <param name="text">Its words.</param>
public sealed class DBusException(string name, string text) : Exception($"{name}: {text}")
{
    /// <summary>The error's name.</summary>
    public string Name { get; } = name;
}
