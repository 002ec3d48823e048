/**
 * Data-transfer channels of both roles: who hears what a peer says, and their recorded course.
 *
 * <p>{@link io.sluice.node.transfer.TransferManager} has the transfers that are no deals. What this
 * process does for one is a {@code Conversation}: {@code Initiating} with {@code SentPush} and
 * {@code OpenedPull}, {@code Responding} with {@code TakenPush} and {@code GrantedPull}. A {@link
 * io.sluice.node.transfer.TransferValidator} decides as responder.
 */
@NullMarked
package io.sluice.node.transfer;

import org.jspecify.annotations.NullMarked;
