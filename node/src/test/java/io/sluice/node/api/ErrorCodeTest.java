package io.sluice.node.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.sluice.protocol.FailureCode;
import io.sluice.protocol.retrieval.DealCode;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class ErrorCodeTest {

  static Stream<FailureCode> all() {
    return ErrorCode.all().stream();
  }

  @ParameterizedTest
  @MethodSource("all")
  void aCommandKnowsEachReasonByItsName(FailureCode code) {
    assertSame(code, ErrorCode.named(code.name()));
  }

  @Test
  void noTwoReasonsShareAName() {
    assertEquals(ErrorCode.all().size(), all().map(FailureCode::name).distinct().count());
  }

  @ParameterizedTest
  @EnumSource
  void aReasonOfDealsIsReadBackByItsName(DealCode code) {
    assertEquals(code.name(), DealCode.named(code.name()).name());
  }

  @Test
  void aNameThatIsNotKnownIsARefusal() {
    assertSame(DealCode.REFUSED, ErrorCode.named("NEVER_HEARD_OF"));
  }
}
