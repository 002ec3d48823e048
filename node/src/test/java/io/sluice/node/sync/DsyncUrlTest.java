package io.sluice.node.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.node.api.ServiceException;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DsyncUrlTest {
  @ParameterizedTest
  @CsvSource({
    "http://there:2503, http://there:2503/dsync",
    "https://there/, https://there/dsync",
    "http://[::1]:80/other/way, http://[::1]:80/other/way",
  })
  void aUrlWithoutPathGetsTheUsualOne(String given, String used) throws Exception {
    assertEquals(used, DsyncUrl.parse(given).toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http:///dsync",
        "http://user:word@there/",
        "http://there/?pin=true",
        "http://there/#part",
        "http://the re/",
        "ftp://there/",
        "/ip4/127.0.0.1/tcp/1",
      })
  void whatIsNoSuchUrlIsRefused(String given) {
    ServiceException no = assertThrows(ServiceException.class, () -> DsyncUrl.parse(given));
    assertEquals("BAD_ADDRESS", no.code().name());
  }

  @Test
  void parametersAreWrittenSoThatTheyComeBack() throws Exception {
    Map<String, String> parameters = new TreeMap<>(Map.of("this is", "fun & more", "ü", "=?#"));
    String query = DsyncUrl.parse("http://there").with(parameters).getRawQuery();
    assertEquals(parameters, ScriptedServer.query(query));
  }
}
