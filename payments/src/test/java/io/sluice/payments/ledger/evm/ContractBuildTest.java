package io.sluice.payments.ledger.evm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.payments.ledger.evm.contract.ContractCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Sluice carries of the contract is what the locked compiler makes of its source. */
class ContractBuildTest {
  @Test
  void givenTheSource_whenCompiled_thenInterfaceAndCodeAreThoseCarried(@TempDir Path fresh)
      throws IOException, InterruptedException {
    Contracts.needed();

    assertEquals(0, Contracts.run(Contracts.SOURCES.resolve("build").toString(), fresh.toString()));

    for (String suffix : new String[] {"abi.json", "bin", "code.properties"}) {
      String name = "PaymentChannels." + suffix;
      byte[] carried =
          Objects.requireNonNull(ContractCode.class.getResourceAsStream(name)).readAllBytes();
      assertEquals(
          Files.readString(fresh.resolve(name)),
          new String(carried, StandardCharsets.UTF_8),
          name + " is stale; contracts/build writes it");
    }
  }

  /** The tokens that tests deploy, for the same reason: nobody reads code in hex. */
  @Test
  void givenTheTokensOfTests_whenCompiled_thenTheirCodeIsThatKept(@TempDir Path fresh)
      throws IOException, InterruptedException {
    Contracts.needed();
    Path kept = Path.of("src/test/resources/io/sluice/payments/ledger/evm");

    assertEquals(
        0,
        Contracts.run(
            "node", Contracts.script("tokens.mjs").toString(), kept.toString(), fresh.toString()));

    for (String name : new String[] {"TestToken.bin", "HostileToken.bin"}) {
      assertEquals(
          Files.readString(fresh.resolve(name)),
          Files.readString(kept.resolve(name)),
          name + " is stale; contracts/tokens.mjs writes it");
    }
  }
}
