package io.sluice.node.home;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.ServiceException;
import io.sluice.protocol.libp2p.Identity;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PeersFileTest {
  private static final PeerId ONE = Identity.ofSeed(new byte[32]).peerId();
  private static final PeerId OTHER = Identity.generate().peerId();
  private static final Multiaddr HERE = Multiaddr.parse("/ip4/192.0.2.1/tcp/4150");
  private static final Multiaddr THERE = Multiaddr.parse("/dns/example.com/tcp/4150");

  @TempDir Path folder;
  private Path path;
  private PeersFile file;

  @BeforeEach
  void open() {
    path = folder.resolve("peers");
    file = new PeersFile(path);
  }

  @Test
  void givenNoFile_thenNobody() throws Exception {
    assertEquals(Map.of(), file.all());
    assertFalse(file.remove(ONE, Optional.empty()));
    assertFalse(Files.exists(path));
  }

  @Test
  void givenAdded_thenThereOnceAndReadByTheNext() throws Exception {
    file.add(HERE.withPeer(ONE));
    file.add(THERE.withPeer(ONE));
    file.add(HERE.withPeer(ONE));
    file.add(HERE.withPeer(OTHER));

    assertEquals(Map.of(ONE, Set.of(HERE, THERE), OTHER, Set.of(HERE)), new PeersFile(path).all());
    assertEquals(3, Files.readAllLines(path).size());
  }

  @Test
  void givenEdited_whenRemoved_thenCommentsStay() throws Exception {
    Files.writeString(
        path,
        "# friends\n\n  %s  \n%s\n%s\n"
            .formatted(HERE.withPeer(ONE), THERE.withPeer(ONE), HERE.withPeer(OTHER)));

    assertTrue(file.remove(ONE, Optional.of(HERE.withPeer(ONE))));
    assertEquals(Map.of(ONE, Set.of(THERE), OTHER, Set.of(HERE)), file.all());
    assertFalse(file.remove(ONE, Optional.of(HERE.withPeer(ONE))));

    assertTrue(file.remove(ONE, Optional.empty()));
    assertEquals("# friends\n\n%s\n".formatted(HERE.withPeer(OTHER)), Files.readString(path));
    assertFalse(file.names(ONE));
    assertTrue(file.names(OTHER));
  }

  @ParameterizedTest
  @ValueSource(strings = {"nonsense", "/ip4/192.0.2.1/tcp/4150", "/ip4/192.0.2.1/tcp"})
  void givenBadLine_thenItIsNamedAndNothingIsChanged(String line) throws Exception {
    String text = "# one\n" + line + "\n";
    Files.writeString(path, text);

    for (ServiceException failed :
        Set.of(
            assertThrows(ServiceException.class, () -> file.all()),
            assertThrows(ServiceException.class, () -> file.add(HERE.withPeer(ONE))),
            assertThrows(ServiceException.class, () -> file.remove(ONE, Optional.empty())))) {
      assertEquals(ErrorCode.BAD_CONFIG, failed.code());
      assertTrue(String.valueOf(failed.getMessage()).contains("line 2"), failed.getMessage());
    }
    assertEquals(text, Files.readString(path));
    assertFalse(file.names(ONE));
  }
}
