package io.sluice.cli.bench;

/**
 * What {@code bench vouchers} does.
 *
 * @param clients that pay at once, each a host of its own with a channel of its own
 * @param seconds for how long they do
 */
public record VouchersPlan(int clients, int seconds) {}
