using System.Text.Json;

namespace Tare.Oci.Runtime;

/// <summary>Reads limits on block devices; see <see cref="RuntimeDocument"/>.</summary>
internal static class LinuxBlockIoReader
{
    public static LinuxBlockIo ReadLinuxBlockIo(ref Utf8JsonReader reader)
    {
        LinuxBlockIo value = new();
        while (reader.NextProperty())
        {
            if (reader.Is("weight"u8))
            {
                value.Weight = reader.NullableUInt16();
            }
            else if (reader.Is("leafWeight"u8))
            {
                value.LeafWeight = reader.NullableUInt16();
            }
            else if (reader.Is("weightDevice"u8))
            {
                value.WeightDevice = reader.List(ReadLinuxWeightDevice);
            }
            else if (reader.Is("throttleReadBpsDevice"u8))
            {
                value.ThrottleReadBpsDevice = reader.List(ReadLinuxThrottleDevice);
            }
            else if (reader.Is("throttleWriteBpsDevice"u8))
            {
                value.ThrottleWriteBpsDevice = reader.List(ReadLinuxThrottleDevice);
            }
            else if (reader.Is("throttleReadIOPSDevice"u8))
            {
                value.ThrottleReadIopsDevice = reader.List(ReadLinuxThrottleDevice);
            }
            else if (reader.Is("throttleWriteIOPSDevice"u8))
            {
                value.ThrottleWriteIopsDevice = reader.List(ReadLinuxThrottleDevice);
            }
            else
            {
                reader.SkipValue();
            }
        }

        return value;
    }

    public static LinuxWeightDevice ReadLinuxWeightDevice(ref Utf8JsonReader reader)
    {
        LinuxWeightDevice value = new();
        while (reader.NextProperty())
        {
            if (reader.Is("major"u8))
            {
                value.Major = reader.GetInt64();
            }
            else if (reader.Is("minor"u8))
            {
                value.Minor = reader.GetInt64();
            }
            else if (reader.Is("weight"u8))
            {
                value.Weight = reader.NullableUInt16();
            }
            else if (reader.Is("leafWeight"u8))
            {
                value.LeafWeight = reader.NullableUInt16();
            }
            else
            {
                reader.SkipValue();
            }
        }

        return value;
    }

    public static LinuxThrottleDevice ReadLinuxThrottleDevice(ref Utf8JsonReader reader)
    {
        LinuxThrottleDevice value = new();
        while (reader.NextProperty())
        {
            if (reader.Is("major"u8))
            {
                value.Major = reader.GetInt64();
            }
            else if (reader.Is("minor"u8))
            {
                value.Minor = reader.GetInt64();
            }
            else if (reader.Is("rate"u8))
            {
                value.Rate = reader.GetUInt64();
            }
            else
            {
                reader.SkipValue();
            }
        }

        return value;
    }
}
