package io.sluice.protocol.car;

import io.sluice.protocol.ProtocolException;

/** The one way in which archives are refused. */
final class BadCar {
  private BadCar() {}

  static final String CODE = "BAD_CAR";

  static ProtocolException because(String message) {
    return new ProtocolException(CODE, message);
  }

  /** An inner decoder's refusal, told as one of the archive. */
  static ProtocolException at(String place, ProtocolException inner) {
    return new ProtocolException(CODE, place + ": " + inner.getMessage());
  }
}
