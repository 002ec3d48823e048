package io.sluice.node.home;

import io.sluice.node.api.ServiceException;
import io.sluice.node.home.IdentityFile.StoredIdentity;
import io.sluice.payments.ledger.evm.RemoteSigner;
import io.sluice.payments.voucher.AccountSigner;
import io.sluice.payments.voucher.Keystore;
import io.sluice.payments.voucher.WrongPassphraseException;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.libp2p.Identity;
import io.sluice.protocol.retrieval.EvmAddress;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What of a home is locked: the identity and the accounts, opened when they are first needed with a
 * passphrase that is asked for once.
 *
 * <p>Each file has a salt of its own, so each costs a derivation, tens of milliseconds by design:
 * that of the identity is done by a thread of its own, while others are, or the books are opened.
 *
 * <p>Safe for use from many threads. Of whatever waits for a person or a derivation, all but {@link
 * #identity} return when that is over.
 */
public final class HomeKeys {
  private static final Logger LOG = LoggerFactory.getLogger(HomeKeys.class);

  private final Home home;
  private final Keystore keystore;
  private final int scryptN;
  private final Passphrase source;
  private final Optional<RemoteSigner> remote;

  /** Written under the lock; payments look here, also for those that come later. */
  private final Map<EvmAddress, AccountSigner> unlocked = new ConcurrentHashMap<>();

  private @Nullable String given;

  /** Whether what was given was found to open something. */
  private boolean proven;

  private @Nullable CompletableFuture<Identity> identity;

  /**
   * Keys that are locked still.
   *
   * @param scryptN cost of guessing the passphrase of what is locked from now on
   * @param remote who signs for the account in use, where its key is not here; not closed by this
   */
  public HomeKeys(Home home, int scryptN, Passphrase source, Optional<RemoteSigner> remote) {
    this.home = home;
    this.keystore = new Keystore(home.accounts(), scryptN);
    this.scryptN = scryptN;
    this.source = source;
    this.remote = remote;
    remote.ifPresent(signer -> unlocked.put(signer.address(), signer));
  }

  /** The keys of accounts, each in its file. */
  public Keystore keystore() {
    return keystore;
  }

  /**
   * The account that pays and is paid.
   *
   * @throws ServiceException {@code STORE_CORRUPT} if its key should be here, and is not
   */
  public EvmAddress account() throws ServiceException {
    return remote.isPresent() ? remote.get().address() : home.defaultAccount();
  }

  /** Who signs for that account, where its key is not here. */
  public Optional<RemoteSigner> remote() {
    return remote;
  }

  /** The accounts that can be signed for, once unlocked, in ascending order. */
  public List<EvmAddress> accounts() throws IOException {
    Set<EvmAddress> all = new TreeSet<>(keystore.accounts());
    remote.ifPresent(signer -> all.add(signer.address()));
    return List.copyOf(all);
  }

  /** Who signs of those that were unlocked, as they are at any time. */
  public Map<EvmAddress, AccountSigner> unlocked() {
    return Collections.unmodifiableMap(unlocked);
  }

  /**
   * Begins to open the key that peers know this node by; asks for the passphrase before. See {@link
   * #opened} for how it fails.
   *
   * @throws ServiceException {@code NO_PASSPHRASE}, {@code STORE_CORRUPT}
   */
  public synchronized CompletableFuture<Identity> identity() throws ServiceException {
    CompletableFuture<Identity> opening = identity;
    if (opening == null || opening.isCompletedExceptionally()) {
      opening =
          switch (home.storedIdentity()) {
            case StoredIdentity.Plain plain -> CompletableFuture.completedFuture(plain.identity());
            case StoredIdentity.Locked locked -> opening(locked, given());
          };
      identity = opening;
    }
    return opening;
  }

  private CompletableFuture<Identity> opening(StoredIdentity.Locked locked, String passphrase) {
    CompletableFuture<Identity> opening = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .name("identity")
        .start(
            () -> {
              try {
                opening.complete(IdentityFile.open(locked, passphrase));
              } catch (WrongPassphraseException e) {
                forget(passphrase);
                opening.completeExceptionally(e);
              } catch (ProtocolException e) {
                opening.completeExceptionally(home.badIdentity(e));
              } catch (Throwable e) { // whatever it is, somebody waits for it
                opening.completeExceptionally(e);
              }
            });
    return opening;
  }

  /**
   * What a future of {@link #identity}, or one that depends on it, ends with.
   *
   * @throws WrongPassphraseException if the passphrase does not open it
   * @throws ServiceException {@code STORE_CORRUPT}
   */
  public static <T> T opened(CompletableFuture<T> opening)
      throws IOException, ServiceException, InterruptedException {
    try {
      return opening.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException cause -> throw cause;
        case ServiceException cause -> throw cause;
        case RuntimeException cause -> throw cause;
        case null, default -> throw new IllegalStateException(e);
      }
    }
  }

  /** Asked for once; a person who mistyped is asked again. */
  private synchronized String given() throws ServiceException {
    String text = given;
    if (text == null) {
      text = source.get();
      given = text;
    }
    return text;
  }

  private synchronized void forget(String wrong) {
    if (wrong.equals(given)) {
      given = null;
    }
  }

  /**
   * The passphrase, found to open what is here.
   *
   * @throws WrongPassphraseException if it does not
   */
  public String passphrase() throws IOException, ServiceException, InterruptedException {
    if (!isProven()) {
      if (home.storedIdentity() instanceof StoredIdentity.Locked) {
        opened(identity());
        prove();
      } else {
        loadOne();
      }
    }
    return given();
  }

  private synchronized boolean isProven() {
    return proven;
  }

  private synchronized void prove() {
    proven = true;
  }

  /**
   * Says so where the signer of the account in use is not there: what needs no signature can be
   * done all the same, and what does asks it again.
   */
  public void lookForSigner() {
    try {
      if (remote.isPresent()) {
        remote.get().requireAccount();
      }
    } catch (IOException e) {
      LOG.warn("{}; nothing is paid or redeemed until it does", e.getMessage());
    }
  }

  /**
   * Unlocks the accounts, so that payments can sign: to be called before anything is paid. What is
   * free needs none of them.
   *
   * <p>An identity that an earlier version kept in clear is locked with the same passphrase.
   */
  public void unlock() throws IOException, ServiceException {
    var unused = identity(); // both at once
    EvmAddress inUse = account();
    if (!unlocked.containsKey(inUse)) {
      load(inUse);
    }
    for (EvmAddress account : keystore.accounts()) {
      load(account);
    }
    lockIdentity();
  }

  /** Any account of this home; where there is none, nothing tells whether a passphrase is right. */
  private void loadOne() throws IOException, ServiceException {
    if (remote.isEmpty()) {
      load(home.defaultAccount());
    } else if (!keystore.accounts().isEmpty()) {
      load(keystore.accounts().getFirst());
    }
  }

  private synchronized void load(EvmAddress account) throws IOException, ServiceException {
    if (unlocked.containsKey(account)) {
      return;
    }
    String passphrase = given();
    try {
      unlocked.put(account, keystore.load(account, passphrase));
      proven = true;
    } catch (WrongPassphraseException e) {
      forget(passphrase);
      throw e;
    }
  }

  /** Never with a passphrase that opened nothing: one mistyped would lock it for good. */
  private synchronized void lockIdentity() throws ServiceException {
    if (proven && home.storedIdentity() instanceof StoredIdentity.Plain plain) {
      try {
        home.identityFile().write(plain.identity(), given(), scryptN);
        LOG.info("the identity is locked with the passphrase from now on");
      } catch (IOException e) {
        LOG.warn("the identity stays as it was, in clear: {}", e.toString());
      }
    }
  }
}
