using Tare.Testing.Suites;

namespace Tare.ConformanceTests;

// One class per suite: each has a daemon of its own, and none leaves anything behind.

/// <summary><c>update</c> and <c>stats</c>.</summary>
public sealed class DockerResourceTests(DaemonFixture daemon) : ResourceSuite(daemon, Programs.Docker), IClassFixture<DaemonFixture>;

/// <summary>Health checks.</summary>
public sealed class DockerHealthTests(DaemonFixture daemon) : HealthSuite(daemon, Programs.Docker), IClassFixture<DaemonFixture>;

/// <summary>Log drivers.</summary>
public sealed class DockerLogsTests(DaemonFixture daemon) : LogsSuite(daemon, Programs.Docker), IClassFixture<DaemonFixture>;

/// <summary>Volumes.</summary>
public sealed class DockerVolumesTests(DaemonFixture daemon) : VolumesSuite(daemon, Programs.Docker), IClassFixture<DaemonFixture>;

public sealed class DockerRunTests(DaemonFixture daemon) : RunSuite(daemon, Programs.Docker), IClassFixture<DaemonFixture>;

public sealed class DockerLimitsTests(DaemonFixture daemon) : LimitsSuite(daemon, Programs.Docker), IClassFixture<DaemonFixture>;

public sealed class DockerErrorsTests(DaemonFixture daemon) : ErrorsSuite(daemon, Programs.Docker), IClassFixture<DaemonFixture>;

public sealed class DockerLifecycleTests(DaemonFixture daemon) : LifecycleSuite(daemon, Programs.Docker), IClassFixture<DaemonFixture>;

public sealed class DockerImagesTests(DaemonFixture daemon) : ImagesSuite(daemon, Programs.Docker), IClassFixture<DaemonFixture>;

public sealed class DockerNetworkTests(DaemonFixture daemon) : NetworkSuite(daemon, Programs.Docker), IClassFixture<DaemonFixture>;

public sealed class DockerPortsTests(DaemonFixture daemon) : PortsSuite(daemon, Programs.Docker), IClassFixture<DaemonFixture>;

/// <summary>TLS.</summary>
public sealed class DockerTlsTests(TlsDaemonFixture daemon) : TlsSuite(daemon, Programs.Docker), IClassFixture<TlsDaemonFixture>;

public sealed class DockerArchivesTests(DaemonFixture daemon) : ArchivesSuite(daemon, Programs.Docker), IClassFixture<DaemonFixture>;

public sealed class DockerSaveLoadTests(DaemonFixture daemon) : SaveLoadSuite(daemon, Programs.Docker), IClassFixture<DaemonFixture>;
