package io.sluice.fsm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.fsm.client.ClientDeals;
import io.sluice.fsm.provider.ProviderDeals;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * The whole squares of both deals, written down a second time: {@code EVENT>STATE} moves, {@code
 * EVENT=} records, {@code EVENT!} runs the step again, and what is not named is refused. Whoever
 * changes a row says so twice.
 */
class LiteralTablesTest {
  private static final String CLIENT =
      """
      NEW: FREE>PROPOSED FUNDED>PROPOSED UNFUNDED>ENDED CANCEL>ENDED GIVE_UP>ENDED WAKE!
      PROPOSED: REOPENED! ACCEPTED>TRANSFERRING PROGRESS= VOUCHER_SIGNED= ALL_VERIFIED>FINALIZING
        CONNECTION_LOST>RETRYING PARK>PARKED WAKE! REFUSED>LEAVING BLOCKS_MISSING>LEAVING
        GIVE_UP>LEAVING CANCEL>LEAVING
      TRANSFERRING: ACCEPTED= PROGRESS= VOUCHER_SIGNED= ALL_VERIFIED>FINALIZING
        CONNECTION_LOST>RETRYING PARK>PARKED WAKE! REFUSED>LEAVING BLOCKS_MISSING>LEAVING
        GIVE_UP>LEAVING CANCEL>LEAVING
      RETRYING: PROGRESS= VOUCHER_SIGNED= ALL_VERIFIED>FINALIZING RETRY>PROPOSED PARK>PARKED WAKE!
        REFUSED>LEAVING BLOCKS_MISSING>LEAVING GIVE_UP>LEAVING CANCEL>LEAVING
      PARKED: PROGRESS= VOUCHER_SIGNED= RESUME>PROPOSED WAKE! CANCEL>LEAVING GIVE_UP>LEAVING
      FINALIZING: VOUCHER_SIGNED= FINAL_SENT>ENDED CONNECTION_LOST= PARK>PARKED WAKE!
        CANCEL>LEAVING
      LEAVING: PROGRESS= VOUCHER_SIGNED= WAKE! LEFT>ENDED
      ENDED:
      """;

  private static final String PROVIDER =
      """
      NEW: ADMITTED>SERVING OPENING_MISSING>AWAITING_OPENING OPENED>SERVING
        OPENED_FEE_FIRST>FUNDS_NEEDED REFUSED>ENDED ENDED>ENDED
      AWAITING_OPENING: OPENED>SERVING OPENED_FEE_FIRST>FUNDS_NEEDED REFUSED>ENDED RESTARTED=
        SUSPENDED= ENDED>ENDED
      SERVING: PROGRESS= GATE_CLOSED>FUNDS_NEEDED GATE_OPENED= PAID= ALL_SENT>FINALIZING
        SUSPENDED>SUSPENDED RESTARTED= ENDED>ENDED ENDED_OWING>UNPAID
      FUNDS_NEEDED: PROGRESS= GATE_CLOSED! GATE_OPENED>SERVING PAID! ALL_SENT>FINALIZING
        SUSPENDED>SUSPENDED RESTARTED>SERVING ENDED>ENDED ENDED_OWING>UNPAID
      FINALIZING: PROGRESS= PAID! SETTLED>ENDED SUSPENDED= RESTARTED>SERVING ENDED>ENDED
        ENDED_OWING>UNPAID
      SUSPENDED: PROGRESS= PAID= ALL_SENT>FINALIZING RESTARTED>SERVING ENDED>ENDED
        ENDED_OWING>UNPAID
      UNPAID: PAID! SETTLED>ENDED
      ENDED:
      """;

  @Test
  void theClientsTableIsAsWrittenHere() {
    assertEquals(written(CLIENT), cells(ClientDeals.TABLE));
  }

  @Test
  void theProvidersTableIsAsWrittenHere() {
    assertEquals(written(PROVIDER), cells(ProviderDeals.TABLE));
  }

  private static Map<String, List<String>> written(String square) {
    Map<String, List<String>> cells = new TreeMap<>();
    for (String line : square.replace("\n  ", " ").lines().toList()) {
      int colon = line.indexOf(':');
      cells.put(
          line.substring(0, colon),
          Arrays.stream(line.substring(colon + 1).split(" "))
              .filter(cell -> !cell.isEmpty())
              .sorted()
              .toList());
    }
    return cells;
  }

  private static <S extends Enum<S>, D> Map<String, List<String>> cells(
      TransitionTable<S, D, ?> table) {
    Map<String, List<String>> cells = new TreeMap<>();
    for (S state : table.states()) {
      TreeSet<String> taken = new TreeSet<>();
      for (EventType<?> event : table.events()) {
        table.row(state, event).ifPresent(row -> taken.add(event + how(row)));
      }
      cells.put(state.name(), List.copyOf(taken));
    }
    return cells;
  }

  private static String how(Row<?, ?> row) {
    return switch (row.kind()) {
      case MOVE -> ">" + row.to();
      case RECORD -> "=";
      case AGAIN -> "!";
    };
  }
}
