package io.sluice.payments.voucher;

import io.sluice.protocol.crypto.NativeCrypto;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
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
  private static final String CIPHER = "aes-128-ctr";
  private static final int DERIVED_BYTES = 32;
  private static final int CIPHER_KEY_BYTES = 16;

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
    byte[] check = Arrays.copyOfRange(derived.get(), CIPHER_KEY_BYTES, DERIVED_BYTES);
    if (!MessageDigest.isEqual(
        Keccak.hash(check, hidden).bytes(), Numeric.hexStringToByteArray(crypto.getMac()))) {
      throw new CipherException("Invalid password provided");
    }
    byte[] iv = Numeric.hexStringToByteArray(crypto.getCipherparams().getIv());
    return SigningKey.of(decrypted(hidden, Arrays.copyOf(derived.get(), CIPHER_KEY_BYTES), iv));
  }

  /** Empty where the wallet is not one of the usual kind, or there is no native code for it. */
  private static Optional<byte[]> derived(WalletFile wallet, String passphrase) {
    WalletFile.Crypto crypto = wallet.getCrypto();
    return wallet.getVersion() == VERSION
            && crypto != null
            && CIPHER.equals(crypto.getCipher())
            && "scrypt".equals(crypto.getKdf())
            && crypto.getKdfparams() instanceof WalletFile.ScryptKdfParams kdf
            && kdf.getDklen() == DERIVED_BYTES
        ? NativeCrypto.scrypt(
            passphrase,
            Numeric.hexStringToByteArray(kdf.getSalt()),
            new NativeCrypto.ScryptCost(kdf.getN(), kdf.getR(), kdf.getP()),
            DERIVED_BYTES)
        : Optional.empty();
  }

  private static byte[] decrypted(byte[] hidden, byte[] key, byte[] iv) throws CipherException {
    try {
      Cipher cipher = Cipher.getInstance("AES/CTR/NoPadding");
      cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(iv));
      return cipher.doFinal(hidden);
    } catch (GeneralSecurityException e) {
      throw new CipherException("Error performing cipher operation", e);
    }
  }
}
