package io.sluice.payments.voucher;

import io.sluice.protocol.crypto.NativeCrypto;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Cipher;
import org.web3j.crypto.Wallet;
import org.web3j.crypto.WalletFile;
import org.web3j.crypto.exception.CipherException;
import org.web3j.protocol.ObjectMapperFactory;
import org.web3j.utils.Numeric;

/**
 * Opens the wallets of a {@link Keystore}. Of the usual ones the key is derived in native code: a
 * command that pays would else spend more time on that than on anything else. What is unusual is
 * left to the wallet library, and so are wallets that are malformed.
 */
final class WalletCipher {
  private static final int VERSION = 3;

  private WalletCipher() {}

  /**
   * The key of a wallet file.
   *
   * @throws CipherException as the wallet library does; its message tells a wrong passphrase
   * @throws IOException if it is no JSON
   */
  static SigningKey open(String json, String passphrase) throws CipherException, IOException {
    WalletFile wallet = ObjectMapperFactory.getObjectMapper().readValue(json, WalletFile.class);
    Optional<byte[]> derived = derived(wallet, passphrase);
    if (derived.isEmpty()) {
      return SigningKey.of(
          Numeric.toBytesPadded(Wallet.decrypt(passphrase, wallet).getPrivateKey(), 32));
    }
    WalletFile.Crypto crypto = wallet.getCrypto();
    byte[] hidden = Numeric.hexStringToByteArray(crypto.getCiphertext());
    byte[] check =
        Arrays.copyOfRange(
            derived.get(), LockedSecret.CIPHER_KEY_BYTES, LockedSecret.DERIVED_BYTES);
    if (!MessageDigest.isEqual(
        Keccak.hash(check, hidden).bytes(), Numeric.hexStringToByteArray(crypto.getMac()))) {
      throw new CipherException("Invalid password provided");
    }
    byte[] iv = Numeric.hexStringToByteArray(crypto.getCipherparams().getIv());
    return SigningKey.of(LockedSecret.crypt(Cipher.DECRYPT_MODE, hidden, derived.get(), iv));
  }

  /** Empty where the wallet is not one of the usual kind, or there is no native code for it. */
  private static Optional<byte[]> derived(WalletFile wallet, String passphrase) {
    WalletFile.Crypto crypto = wallet.getCrypto();
    return wallet.getVersion() == VERSION
            && crypto != null
            && LockedSecret.CIPHER.equals(crypto.getCipher())
            && "scrypt".equals(crypto.getKdf())
            && crypto.getKdfparams() instanceof WalletFile.ScryptKdfParams kdf
            && kdf.getDklen() == LockedSecret.DERIVED_BYTES
        ? NativeCrypto.scrypt(
            passphrase,
            Numeric.hexStringToByteArray(kdf.getSalt()),
            new NativeCrypto.ScryptCost(kdf.getN(), kdf.getR(), kdf.getP()),
            LockedSecret.DERIVED_BYTES)
        : Optional.empty();
  }
}
