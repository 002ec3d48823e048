package io.sluice.fsm;

/**
 * What a machine does in a state: it acts on the world and says by an event how it went, also when
 * it went wrong.
 *
 * <p>A step runs on a virtual thread of its own and may block. It runs on entering its state, on
 * every <em>again</em> row, and once more after a restart; so it finds out what is already done and
 * does no harm by running twice. Of one machine's one state only one run is under way at a time: an
 * <em>again</em> meanwhile makes it run once more afterwards, with the data of then. Runs of
 * different states may overlap, if the machine moved on without waiting.
 *
 * @param <D> the machine's data
 * @param <I> what events bring along
 */
@FunctionalInterface
public interface Step<D, I> {
  /**
   * Does the state's work.
   *
   * @param machine whose work it is
   * @param data the machine's data when the run began
   * @param events takes the events by which the step says how it went
   * @throws Exception if the step is wrong, not if the world is: what can fail in the world is an
   *     event. The engine hands the exception to its watch; the machine stays as it is.
   */
  void run(MachineId machine, D data, EventSink<I> events) throws Exception;
}
