package io.sluice.cli.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What processes have used, as Linux tells it; on other systems nothing is known.
 *
 * @param cpuSeconds processor time, of user and kernel
 * @param peakBytes most memory resident at once
 */
record ProcessUse(Optional<Double> cpuSeconds, Optional<Long> peakBytes) {
  /** The kernel's unit of time in /proc, which is fixed for programs. */
  private static final double TICKS_PER_SECOND = 100;

  // Where things stand in /proc/PID/stat, counted from the state, the first after the name.
  private static final int USER = 11;
  private static final int KERNEL = 12;
  private static final int CHILDREN_USER = 13;
  private static final int CHILDREN_KERNEL = 14;

  static final ProcessUse UNKNOWN = new ProcessUse(Optional.empty(), Optional.empty());

  /** That of a process so far. */
  static ProcessUse of(long pid) {
    Optional<List<String>> stat = stat(Long.toString(pid));
    return new ProcessUse(stat.map(it -> seconds(it, USER, KERNEL)), peak(pid));
  }

  /**
   * The time of all children of this process that have ended and were waited for, and of theirs: to
   * the last tick, which nobody who asks a process while it lives can know.
   */
  static ProcessUse ofEndedChildren() {
    return new ProcessUse(
        stat("self").map(it -> seconds(it, CHILDREN_USER, CHILDREN_KERNEL)), Optional.empty());
  }

  /** What was used since then; a peak is not a sum and stays. */
  ProcessUse since(ProcessUse before) {
    return new ProcessUse(
        cpuSeconds.flatMap(now -> before.cpuSeconds.map(then -> now - then)), peakBytes);
  }

  /** Both together: times add up, of peaks the higher one counts. */
  ProcessUse and(ProcessUse other) {
    return new ProcessUse(
        cpuSeconds.flatMap(one -> other.cpuSeconds.map(two -> one + two)),
        peakBytes.isEmpty()
            ? other.peakBytes
            : peakBytes.map(one -> Math.max(one, other.peakBytes.orElse(0L))));
  }

  /** The fields of a line of /proc/PID/stat from the state on; the name may have blanks in it. */
  static List<String> fields(String stat) {
    return List.of(stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ", -1));
  }

  private static Optional<List<String>> stat(String process) {
    try {
      return Optional.of(fields(Files.readString(Path.of("/proc", process, "stat"))));
    } catch (IOException e) {
      return Optional.empty(); // another system, or the process has ended
    }
  }

  private static double seconds(List<String> fields, int user, int kernel) {
    return (Long.parseLong(fields.get(user)) + Long.parseLong(fields.get(kernel)))
        / TICKS_PER_SECOND;
  }

  private static Optional<Long> peak(long pid) {
    return status(pid, "VmHWM").map(kib -> kib << 10);
  }

  /** A figure that the kernel shows of a process by that name, in its own unit. */
  static Optional<Long> status(long pid, String name) {
    try {
      return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
          .filter(line -> line.startsWith(name + ":"))
          .map(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
