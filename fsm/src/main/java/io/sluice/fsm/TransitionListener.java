package io.sluice.fsm;

/**
 * Hears of every applied event, in order for each machine, after it is durable and stored.
 *
 * <p>Called on the machine's stripe: it must not block. It may send events; they are handled after
 * this one.
 */
@FunctionalInterface
public interface TransitionListener<S extends Enum<S>, D> {
  /** Takes note. An exception is handed to the engine's watch and changes nothing. */
  void applied(Applied<S, D> applied);
}
