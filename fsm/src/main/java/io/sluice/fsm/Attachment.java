package io.sluice.fsm;

import io.sluice.protocol.ipld.Node;

/**
 * A record of another subject that becomes durable in the same append as the event: a voucher given
 * or taken and the deal credit it brings are one record.
 *
 * @param kind tells its reader what it is, such as {@code voucher-given}
 * @param value in that reader's own format
 */
public record Attachment(String kind, Node value) {}
