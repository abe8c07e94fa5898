namespace Tare.Runtime.Plan;

/// <summary>An argument of a step: a value, or the slot that will hold it.</summary>
/// <param name="Value">The value, or the slot's number.</param>
/// <param name="IsSlot">Whether <paramref name="Value"/> is a slot's number.</param>
internal readonly record struct Arg(long Value, bool IsSlot)
{
    public static implicit operator Arg(int value) => new(value, false);

    public static implicit operator Arg(uint value) => new(value, false);

    public static implicit operator Arg(long value) => new(value, false);

    public static implicit operator Arg(nint value) => new(value, false);

    /// <summary>The slot's content at the time of the step.</summary>
    public static implicit operator Arg(Slot slot) => new(slot.Number, true);
}
