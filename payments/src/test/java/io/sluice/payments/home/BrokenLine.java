package io.sluice.payments.home;

import io.sluice.payments.ledger.ChannelLedger;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/** The way to a real ledger, which can be cut before or after the ledger has heard. */
final class BrokenLine {
  /** No question arrives. */
  boolean down;

  /** Intents arrive, their answers do not. */
  boolean answersLost;

  final ChannelLedger ledger;

  BrokenLine(ChannelLedger behind) {
    this.ledger =
        (ChannelLedger)
            Proxy.newProxyInstance(
                ChannelLedger.class.getClassLoader(),
                new Class<?>[] {ChannelLedger.class},
                (proxy, method, arguments) -> {
                  if (down && mayFail(method)) {
                    throw new IOException("no way to the ledger");
                  }
                  Object answer;
                  try {
                    answer = method.invoke(behind, arguments);
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                  if (answersLost && method.getName().equals("submit")) {
                    throw new IOException("the answer was lost");
                  }
                  return answer;
                });
  }

  private static boolean mayFail(java.lang.reflect.Method method) {
    return java.util.List.of(method.getExceptionTypes()).contains(IOException.class);
  }
}
