package io.sluice.protocol.unixfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.protocol.ProtocolException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DagPathTest {
  private static final String CID = "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy";

  @ParameterizedTest
  @CsvSource({
    "CID, CID",
    "/ipfs/CID/a/b, CID/a/b",
    "ipfs://CID, CID",
    "ipfs://CID/a/b, CID/a/b",
    "IPFS://CID/, CID",
    "ipfs://ipfs/CID/a, CID/a",
    "https://gateway.example/ipfs/CID/a, CID/a",
    "http://127.0.0.1:8080/ipfs/CID/a?download=true#top, CID/a",
    "https://gateway.example/ipfs/CID/gr%C3%BCn%20x+y, CID/grün x+y",
    "CID/a%20b?c, CID/a%20b?c"
  })
  void givenAFormThatUsersHave_whenParsed_thenRootAndNames(String text, String path) {
    assertEquals(path.replace("CID", CID), DagPath.parse(text.replace("CID", CID)).toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "/", "ipfs://", "https://gateway.example/", "Qmfoo", "ftp://h/ipfs/CID"})
  void givenSomethingElse_whenParsed_thenBadCid(String text) {
    assertEquals(
        "BAD_CID",
        assertThrows(ProtocolException.class, () -> DagPath.parse(text.replace("CID", CID)))
            .code());
  }

  @Test
  void givenPathWhereARootIsAsked_whenParsed_thenBadCid() {
    assertEquals(CID, DagPath.parseRoot("ipfs://" + CID).toString());
    assertEquals(
        "BAD_CID",
        assertThrows(ProtocolException.class, () -> DagPath.parseRoot(CID + "/a")).code());
  }
}
