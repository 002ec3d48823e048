package io.sluice.payments.home;

import io.sluice.payments.ledger.ChannelLedger;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/** The way to a real ledger, which can be cut before or after the ledger has heard. */
final class BrokenLine {
  /** No question arrives. */
  boolean down;

  /** Questions arrive, intents do not. */
  boolean intentsLost;

  /** Intents arrive, their answers do not. */
  boolean answersLost;

  /** How many questions arrived. */
  int asked;

  final ChannelLedger ledger;

  BrokenLine(ChannelLedger behind) {
    this.ledger =
        (ChannelLedger)
            Proxy.newProxyInstance(
                ChannelLedger.class.getClassLoader(),
                new Class<?>[] {ChannelLedger.class},
                (proxy, method, arguments) -> {
                  boolean submits = method.getName().equals("submit");
                  if ((down && mayFail(method)) || (intentsLost && submits)) {
                    throw new IOException("no way to the ledger");
                  }
                  asked++;
                  Object answer;
                  try {
                    answer = method.invoke(behind, arguments);
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                  if (answersLost && submits) {
                    throw new IOException("the answer was lost");
                  }
                  return answer;
                });
  }

  private static boolean mayFail(java.lang.reflect.Method method) {
    return java.util.List.of(method.getExceptionTypes()).contains(IOException.class);
  }
}
