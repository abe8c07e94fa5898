using Tare.Linux.DBus;

namespace Tare.Runtime.Cgroups;

/// <summary>A property of a unit (org.freedesktop.systemd1(5)).</summary>
/// <param name="Name">Its name.</param>
/// <param name="Signature">Type of its value.</param>
/// <param name="Write">Writes the value.</param>
public sealed record SystemdProperty(string Name, string Signature, Action<DBusWriter> Write)
{
    /// <summary>A text.</summary>
    public static SystemdProperty Of(string name, string value) => new(name, "s", writer => writer.String(value));

    /// <summary>A truth value.</summary>
    public static SystemdProperty Of(string name, bool value) => new(name, "b", writer => writer.Boolean(value));

    /// <summary>A number.</summary>
    public static SystemdProperty Of(string name, ulong value) => new(name, "t", writer => writer.UInt64(value));

    /// <summary>Bytes.</summary>
    public static SystemdProperty Of(string name, byte[] value)
        => new(name, "ay", writer => writer.Array(1, elements => elements.Raw(value)));

    /// <summary>Numbers of processes.</summary>
    public static SystemdProperty Of(string name, uint[] value)
        => new(name, "au", writer => writer.Array(4, elements => System.Array.ForEach(value, number => elements.UInt32(number))));

    /// <summary>Writes properties as systemd's methods take them: type <c>a(sv)</c>.</summary>
    public static void WriteAll(DBusWriter writer, IReadOnlyList<SystemdProperty> properties) => writer.Array(8, elements =>
    {
        foreach (SystemdProperty property in properties)
        {
            elements.Align(8).String(property.Name).Variant(property.Signature, property.Write);
        }
    });
}
