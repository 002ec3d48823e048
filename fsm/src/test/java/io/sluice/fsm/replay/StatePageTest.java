package io.sluice.fsm.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.fsm.Parcel;
import org.junit.jupiter.api.Test;

class StatePageTest {

  @Test
  void pageHoldsDiagramAndEveryRow() {
    assertEquals(
        """
        <!-- Generated from the table parcel v1; do not edit. -->
        # Parcels

        What parcels do.

        ```mermaid
        stateDiagram-v2
            [*] --> NEW
            NEW --> TRAVELLING : SHIP
            TRAVELLING --> DELIVERED : DELIVER
            DELIVERED --> [*]
            LOST --> [*]
        ```

        Starts in `NEW`, ends in `DELIVERED`, `LOST`. What has no row is refused and changes nothing.

        *again*: the state stays and its step runs once more. *record*: the state stays, only the data change.

        ## on the way

        | in | on | to |
        |---|---|---|
        | `NEW` | `SHIP` | `TRAVELLING` |
        | `TRAVELLING` | `SCAN` | *record* |
        | `TRAVELLING` | `NUDGE` | *again* |
        | `TRAVELLING` | `DELIVER` | `DELIVERED` |

        ## mishaps

        | in | on | to |
        |---|---|---|
        | every live state | `LOSE` | `LOST` |
        """,
        StatePage.of("Parcels", "What parcels do.", Parcel.TABLE));
  }
}
