package io.sluice.node.home;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.node.api.ServiceException;
import io.sluice.node.home.IdentityFile.StoredIdentity;
import io.sluice.payments.voucher.WrongPassphraseException;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.libp2p.Identity;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The identity's file, and how it and the accounts are opened. */
@Timeout(60)
class HomeKeysTest {
  private static final int CHEAP = 2;

  @TempDir Path folder;
  private Home home;
  private Path file;

  @BeforeEach
  void home() throws Exception {
    home = new Home(folder.resolve("home"));
    home.init(Optional.of("secret"), CHEAP);
    file = home.directory().resolve("keys/identity");
  }

  private HomeKeys keys(String... typed) {
    Deque<String> left = new ArrayDeque<>(List.of(typed));
    return new HomeKeys(home, CHEAP, left::pop, Optional.empty());
  }

  /** As version 0.1 kept it. */
  private Identity inClear() throws Exception {
    Identity identity = Identity.generate();
    Files.write(file, identity.encoded());
    return identity;
  }

  private StoredIdentity.Locked locked() throws Exception {
    return assertInstanceOf(StoredIdentity.Locked.class, home.storedIdentity());
  }

  @Test
  void newHome_hasNameInClearAndKeyLocked() throws Exception {
    Identity identity = IdentityFile.open(locked(), "secret");

    String text = Files.readString(file);
    assertEquals(home.peerId(), identity.peerId());
    assertTrue(text.contains("\"peerId\": \"" + identity.peerId() + "\""), text);
    assertFalse(text.contains(HexFormat.of().formatHex(identity.seed())));
    assertThrows(WrongPassphraseException.class, () -> IdentityFile.open(locked(), "Secret"));
  }

  @Test
  void anyByteChangedOrLost_damaged() throws Exception {
    byte[] good = Files.readAllBytes(file);
    assertEquals(home.peerId(), IdentityFile.parse(good).peerId());
    for (int at = 0; at < good.length; at++) {
      byte[] lost = Arrays.copyOf(good, good.length - 1);
      System.arraycopy(good, at + 1, lost, at, lost.length - at);
      assertDamaged(lost);
      assertDamaged(Arrays.copyOf(good, at));
    }
    flipEach(good);
  }

  /** The older form has its public half beside it. */
  @Test
  void anyByteOfOneInClearChanged_damaged() {
    flipEach(Identity.generate().encoded());
  }

  private static void flipEach(byte[] good) {
    for (int bit = 0; bit < Byte.SIZE * good.length; bit++) {
      byte[] flipped = good.clone();
      flipped[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
      assertDamaged(flipped);
    }
  }

  private static void assertDamaged(byte[] bad) {
    assertThrows(ProtocolException.class, () -> IdentityFile.parse(bad));
  }

  @Test
  void keyOfAnotherPeer_damagedAlsoWhereTheHashFits() throws Exception {
    String text =
        Files.readString(file)
            .replace(home.peerId().toString(), Identity.generate().peerId().toString());
    String above = text.substring(0, text.indexOf("  \"sha256\""));
    byte[] hash =
        MessageDigest.getInstance("SHA-256").digest(above.getBytes(StandardCharsets.UTF_8));
    Files.writeString(
        file, above + "  \"sha256\": \"" + HexFormat.of().formatHex(hash) + "\"\n}\n");

    StoredIdentity.Locked locked = locked();
    HomeKeys keys = keys("secret");

    assertThrows(ProtocolException.class, () -> IdentityFile.open(locked, "secret"));
    var opening = keys.identity();
    var refused = assertThrows(ServiceException.class, () -> HomeKeys.opened(opening));
    assertEquals("STORE_CORRUPT", refused.code().name());
  }

  @Test
  void passphraseIsAskedForOnce() throws Exception {
    HomeKeys keys = keys("secret");

    keys.unlock();

    assertEquals(home.peerId(), HomeKeys.opened(keys.identity()).peerId());
    assertEquals("secret", keys.passphrase());
    assertEquals(Set.of(home.defaultAccount()), keys.unlocked().keySet());
  }

  @Test
  void givenMistyped_whenNeededAgain_thenAskedAgain() throws Exception {
    HomeKeys keys = keys("sekret", "sekret", "secret");

    var opening = keys.identity();
    assertThrows(WrongPassphraseException.class, () -> HomeKeys.opened(opening));
    assertThrows(WrongPassphraseException.class, keys::passphrase);

    assertEquals(home.peerId(), HomeKeys.opened(keys.identity()).peerId());
  }

  @Test
  void givenIdentityInClear_whenJoinedWithoutAnAccount_thenNoPassphraseAsked() throws Exception {
    Identity identity = inClear();
    HomeKeys keys = keys();

    assertArrayEquals(identity.seed(), HomeKeys.opened(keys.identity()).seed());
  }

  @Test
  void givenIdentityInClear_whenUnlocked_thenLockedInPlace() throws Exception {
    Identity identity = inClear();
    // A run that was killed while it wrote.
    Files.writeString(file.resolveSibling("identity.new"), "{\n  \"version\"");

    keys("secret").unlock();

    assertArrayEquals(identity.seed(), IdentityFile.open(locked(), "secret").seed());
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    try (var left = Files.list(file.getParent())) {
      assertEquals(
          List.of("accounts", "default", "identity"),
          left.map(path -> path.getFileName().toString()).sorted().toList());
    }
  }

  @Test
  void givenIdentityInClear_whenMistyped_thenLeftAsItIs() throws Exception {
    Identity identity = inClear();

    assertThrows(WrongPassphraseException.class, () -> keys("sekret").unlock());

    assertArrayEquals(identity.encoded(), Files.readAllBytes(file));
  }
}
