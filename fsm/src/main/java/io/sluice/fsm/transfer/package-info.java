/**
 * The machine of one data-transfer channel, at either end of it.
 *
 * <p>{@link io.sluice.fsm.transfer.TransferTable} follows go-data-transfer: the events and the
 * table of v1, the statuses of v2, in which a pause is a flag beside the status instead of three
 * statuses more. Statuses never go over the wire, so peers of both versions are served by the one
 * table. It departs from go-data-transfer in these points:
 *
 * <ul>
 *   <li>The opening is the start of the machine, not an event.
 *   <li>Progress arrives in batches and as totals, one event for queued, sent and received each,
 *       and is taken in every live status. It never runs a step.
 *   <li>Nothing but the end of the cleanup leads out of a cleanup status: a cancel does not turn
 *       what is complete into something cancelled, and a late Complete does not revive what failed.
 *   <li>Messages of the responder that overtook each other do not lead back: the demand for a last
 *       voucher that arrives after the final Complete is recorded, and so is an acceptance.
 * </ul>
 */
@NullMarked
package io.sluice.fsm.transfer;

import org.jspecify.annotations.NullMarked;
