package io.sluice.fsm.provider;

import static io.sluice.fsm.provider.ProviderDealSamples.opened;
import static io.sluice.fsm.provider.ProviderDealSamples.paid;
import static io.sluice.fsm.provider.ProviderDealSamples.proposed;
import static io.sluice.fsm.provider.ProviderDealSamples.restarted;
import static io.sluice.fsm.provider.ProviderDealSamples.sent;

import io.sluice.fsm.EventType;
import io.sluice.fsm.TransitionTable;
import io.sluice.fsm.engine.TableContract;
import java.util.Random;

class ProviderDealsTableTest extends TableContract<ProviderState, ProviderDeal, ProviderInput> {

  @Override
  protected TransitionTable<ProviderState, ProviderDeal, ProviderInput> table() {
    return ProviderDeals.TABLE;
  }

  @Override
  protected ProviderDeal data(ProviderState state) {
    return state == ProviderState.NEW ? proposed(true) : proposed(true).opened(opened());
  }

  @Override
  protected ProviderInput input(EventType<?> event, Random random) {
    return switch (event.name()) {
      case "PROGRESS", "GATE_CLOSED", "ALL_SENT" -> sent(random.nextInt(100_000));
      case "PAID" -> paid(random.nextInt(100_000), random.nextInt(100));
      case "RESTARTED" -> restarted(random.nextInt(100));
      default -> ProviderDealSamples.inputFor(event);
    };
  }

  @Override
  protected Page page() {
    return new Page(
        "provider-deal-states.md",
        "States of a deal at its provider",
        "What a retrieval deal goes through on the side that sells. States are local, the client"
            + " never sees them.");
  }
}
