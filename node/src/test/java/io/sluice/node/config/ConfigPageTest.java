package io.sluice.node.config;

import io.sluice.node.ReferencePages;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class ConfigPageTest {
  @Test
  void committedPageIsThatOfTheCode() throws IOException {
    ReferencePages.check("configuration.md", NodeConfig.page());
  }
}
