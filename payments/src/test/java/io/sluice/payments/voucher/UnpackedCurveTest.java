package io.sluice.payments.voucher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * The native curve where its library lies unpacked, as in the distribution: unpacking takes longer
 * than all that a short command signs.
 */
@Isolated("what it says of the platform is wrong for everybody else")
@EnabledOnOs(OS.LINUX)
class UnpackedCurveTest {

  @Test
  void libraryThatLiesUnpacked_isTakenFromThere(@TempDir Path folder) throws IOException {
    String path = "java.library.path";
    String processor = "os.arch";
    String found = "fr.acinq.secp256k1.lib.path";
    String named = "fr.acinq.secp256k1.lib.name";
    Map<String, String> before = new HashMap<>();
    for (String name : List.of(path, processor, found, named)) {
      before.put(name, System.getProperty(name)); // null where it is not set
    }
    // Once it is loaded, a library that is none can do no harm.
    assertTrue(NativeCurve.load().isPresent());
    try {
      System.setProperty(path, folder.resolve("nowhere") + File.pathSeparator + folder);
      for (String made : List.of("amd64 x86_64", "aarch64 aarch64")) {
        String[] names = made.split(" ");
        System.setProperty(processor, names[0]);
        System.clearProperty(found);
        NativeCurve.load();
        assertNull(System.getProperty(found), "nothing lies there yet");
        String library = System.mapLibraryName("secp256k1-jni-linux-" + names[1]);
        Files.createFile(folder.resolve(library));

        assertTrue(NativeCurve.load().isPresent(), "this process has loaded it before");

        assertEquals(folder.toString(), System.getProperty(found));
        assertEquals(library, System.getProperty(named));
      }
    } finally {
      before.forEach(
          (name, value) -> {
            if (value == null) {
              System.clearProperty(name);
            } else {
              System.setProperty(name, value);
            }
          });
    }
  }
}
