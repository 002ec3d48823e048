package io.sluice.node.api;

import io.sluice.node.ReferencePages;
import io.sluice.protocol.FailureCode;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class ErrorCodePageTest {

  @Test
  void committedPageIsThatOfTheCode() throws IOException {
    StringBuilder page =
        new StringBuilder(
            """
            # Error codes

            Generated from the code; do not edit.

            A command that fails prints one line on standard error, with `--json` the object
            `{"error": {"code", "message", "exit"}}`, and ends with the exit code of its reason: 1 failed, 2 usage, 3 refused,
            4 not found, 5 funds, 6 verification failed, 7 unreachable or timed out, 130 interrupted. The same codes stand as
            reasons in deals and travel in deal results.

            | code | exit | meaning |
            |---|---|---|
            """);
    for (FailureCode code : ErrorCode.all()) {
      page.append("| `%s` | %d | %s |\n".formatted(code.name(), code.exit(), code.meaning()));
    }

    ReferencePages.check("error-codes.md", page.toString());
  }
}
