package io.sluice.cli.stage;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How to start this program once more. */
public final class Self {
  /** A debugger, an agent, and the file that takes what a process learnt. */
  private static final List<String> ONE_PROCESS_ONLY =
      List.of("-agentlib", "-javaagent", "-XX:AOTCacheOutput");

  private Self() {}

  /** The JVM of this process with its options, and the class that the program starts with. */
  public static List<String> command(Class<?> main) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (ONE_PROCESS_ONLY.stream().noneMatch(option::startsWith)) {
        command.add(option);
      }
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    return command;
  }
}
