package io.sluice.node.home;

import io.sluice.dealstore.DealStore;
import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.Faults;
import io.sluice.node.api.ServiceException;
import io.sluice.node.config.NodeConfig;
import io.sluice.node.home.IdentityFile.StoredIdentity;
import io.sluice.payments.voucher.BadKeyFileException;
import io.sluice.payments.voucher.Domain;
import io.sluice.payments.voucher.Keystore;
import io.sluice.payments.voucher.SigningKey;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.libp2p.Identity;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.EvmAddress;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The folder that holds all of a node: keys, configuration, blocks, books.
 *
 * <pre>
 *   sluice.yaml            configuration
 *   peers                  addresses of known peers
 *   keys/identity          the peer id, and locked the key that peers know the node by
 *   keys/accounts/         keystore files of the accounts that pay and are paid
 *   keys/default           the account in use
 *   secrets/passphrase     opens both, if init had to make one
 *   blocks/                content
 *   store/                 journal and tables: deals, vouchers, prices
 *   outputs/               where something is being written that is not whole yet
 *   run/                   how commands find the running node
 *   lock                   held by whoever has the home open
 * </pre>
 *
 * Folders are for the owner only (0700), and so are files with secrets (0600).
 *
 * @param directory the folder
 */
public record Home(Path directory) {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final String PUT_BACK = "put it back from a copy of this home";

  /** Makes the path absolute. */
  public Home {
    directory = directory.toAbsolutePath().normalize();
  }

  /** Whether {@link #init} has run here to its end. */
  public boolean exists() {
    return Files.isRegularFile(identityPath());
  }

  /** The folder of the running node's address and token. */
  public Path run() {
    return directory.resolve("run");
  }

  /** The file of a passphrase that {@link #init} made. */
  public Path passphraseFile() {
    return directory.resolve("secrets").resolve("passphrase");
  }

  /** The file of known peers. */
  public Path peers() {
    return directory.resolve("peers");
  }

  /** The folder of the block store. */
  public Path blocks() {
    return directory.resolve("blocks");
  }

  /** The folder that notes unfinished output files. */
  public Path outputs() {
    return directory.resolve("outputs");
  }

  /** The folder of the deal store. */
  public Path store() {
    return directory.resolve("store");
  }

  /** What was sent to that ledger. */
  public Path outbox(Domain ledger) {
    return directory.resolve("outbox").resolve(ledger.chainId() + "-" + ledger.contract());
  }

  Path lockFile() {
    return directory.resolve("lock");
  }

  Path accounts() {
    return directory.resolve("keys").resolve("accounts");
  }

  private Path identityPath() {
    return directory.resolve("keys").resolve("identity");
  }

  IdentityFile identityFile() {
    return new IdentityFile(identityPath());
  }

  private Path defaultAccountFile() {
    return directory.resolve("keys").resolve("default");
  }

  /**
   * Sets a home up: keys, configuration, folders. The identity is written last, so that a home is
   * there whole or counts as missing.
   *
   * @param given the passphrase to lock keys with; without one, {@link #passphraseFile} is made
   * @param scryptN cost of guessing it
   * @throws ServiceException {@code HOME_EXISTS} if there is one already
   */
  public void init(Optional<String> given, int scryptN) throws ServiceException {
    init(given, scryptN, Accounts.HERE);
  }

  /** Where the key of the account is that pays and is paid. */
  public enum Accounts {
    /** In the home. */
    HERE,
    /** With a signer elsewhere, which the configuration names. */
    ELSEWHERE
  }

  /**
   * The same for a home that may have no account of its own.
   *
   * @param accounts whether to make one
   */
  public void init(Optional<String> given, int scryptN, Accounts accounts) throws ServiceException {
    if (exists()) {
      throw new ServiceException(
          ErrorCode.HOME_EXISTS, "%s is set up already; nothing was changed".formatted(directory));
    }
    try {
      DealStore.requireUsable(store());
      folder(directory);
      folder(directory.resolve("keys"));
      folder(accounts());
      folder(directory.resolve("secrets"));
      folder(run());
      String passphrase = given.isPresent() ? given.get() : newPassphrase();
      if (accounts == Accounts.HERE) {
        SigningKey key = SigningKey.generate(RANDOM);
        new Keystore(accounts(), scryptN).store(key, passphrase);
        setDefaultAccount(key.address());
      }
      Path config = directory.resolve("sluice.yaml");
      if (!Files.exists(config)) {
        Files.writeString(config, NodeConfig.template());
      }
      identityFile().write(Identity.generate(RANDOM), passphrase, scryptN);
    } catch (IOException e) {
      throw Faults.of(e, "the home " + directory + " cannot be set up");
    }
  }

  private String newPassphrase() throws IOException {
    if (Files.exists(passphraseFile())) { // of a run that was cut off
      return Files.readString(passphraseFile()).strip();
    }
    byte[] bytes = new byte[24];
    RANDOM.nextBytes(bytes);
    String text = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    secret(passphraseFile(), (text + "\n").getBytes(StandardCharsets.UTF_8));
    return text;
  }

  private static void folder(Path path) throws IOException {
    Set<PosixFilePermission> owner = PosixFilePermissions.fromString("rwx------");
    Files.createDirectories(path);
    Files.setPosixFilePermissions(path, owner);
  }

  private static void secret(Path path, byte[] content) throws IOException {
    Path fresh = path.resolveSibling(path.getFileName() + ".new");
    Files.deleteIfExists(fresh);
    Files.createFile(
        fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.write(fresh, content);
    Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Who peers know this node as. */
  public PeerId peerId() throws ServiceException {
    return storedIdentity().peerId();
  }

  /** The identity as it is kept. */
  StoredIdentity storedIdentity() throws ServiceException {
    try {
      return identityFile().read();
    } catch (IOException | ProtocolException e) {
      throw badIdentity(e);
    }
  }

  /** What is wrong with the identity, and what to do. */
  ServiceException badIdentity(Exception cause) {
    return unreadable(identityPath(), cause, PUT_BACK);
  }

  /**
   * The account that pays and is paid.
   *
   * @throws ServiceException {@code STORE_CORRUPT} if its key is not here: whatever is paid to it,
   *     nobody could take out
   */
  public EvmAddress defaultAccount() throws ServiceException {
    List<EvmAddress> here;
    try {
      here = new Keystore(accounts()).accounts();
    } catch (BadKeyFileException e) { // which says what to do
      throw new ServiceException(ErrorCode.STORE_CORRUPT, String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw unreadable(accounts(), e, PUT_BACK);
    }
    try {
      EvmAddress account = EvmAddress.parse(Files.readString(defaultAccountFile()).strip());
      if (!here.contains(account)) {
        throw new ServiceException(
            ErrorCode.STORE_CORRUPT,
            "%s names %s, whose key is not in %s; %s"
                .formatted(defaultAccountFile(), account, accounts(), nameAnother(here)));
      }
      return account;
    } catch (IOException | ProtocolException | IllegalArgumentException e) {
      throw unreadable(defaultAccountFile(), e, nameAnother(here));
    }
  }

  /** Whether an account in use was named, be it well or badly. */
  public boolean namesAccount() {
    return Files.exists(defaultAccountFile());
  }

  private static String nameAnother(List<EvmAddress> here) {
    return here.isEmpty()
        ? PUT_BACK
        : "'sluice wallet default ACCOUNT' names the account to use, of: "
            + here.stream().map(EvmAddress::toString).collect(Collectors.joining(", "));
  }

  private static ServiceException unreadable(Path path, Exception cause, String whatToDo) {
    String what =
        switch (cause) {
          case NoSuchFileException e -> "is missing";
          case AccessDeniedException e -> "may not be read by this user";
          case CharacterCodingException e -> "is damaged";
          case IOException e -> "cannot be read (" + e.getMessage() + ")";
          default -> "is damaged";
        };
    return new ServiceException(
        ErrorCode.STORE_CORRUPT, "%s %s; %s".formatted(path, what, whatToDo), cause);
  }

  /** Says which account is used from the next start on. */
  public void setDefaultAccount(EvmAddress account) throws IOException {
    secret(defaultAccountFile(), (account + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Refuses a home that others can read or write.
   *
   * @throws ServiceException {@code NO_HOME} if nothing is there, {@code BAD_PERMISSIONS}
   */
  public void check() throws ServiceException {
    if (!exists()) {
      throw new ServiceException(
          ErrorCode.NO_HOME,
          "%s is not a Sluice home; run 'sluice init' first".formatted(directory));
    }
    // As ssh does: keys that others could read are not used until somebody has looked at it.
    checkOwned(directory);
    checkOwned(directory.resolve("keys"));
    checkOwned(identityPath());
    if (Files.exists(passphraseFile())) {
      checkOwned(passphraseFile());
    }
    try (Stream<Path> files = Files.list(accounts())) {
      for (Path file : files.sorted().toList()) {
        checkOwned(file);
      }
    } catch (IOException e) {
      throw unreadable(accounts(), e, PUT_BACK);
    }
  }

  private static void checkOwned(Path path) throws ServiceException {
    try {
      String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
      if (!mode.endsWith("------")) {
        throw new ServiceException(
            ErrorCode.BAD_PERMISSIONS,
            "%s is open to others (%s); run 'chmod go= %s'".formatted(path, mode, path));
      }
    } catch (UnsupportedOperationException e) {
      throw new ServiceException(
          ErrorCode.BAD_PERMISSIONS,
          "%s lies where files have no permissions; a home's keys have to be their owner's alone"
              .formatted(path),
          e);
    } catch (IOException e) {
      throw unreadable(path, e, PUT_BACK);
    }
  }
}
