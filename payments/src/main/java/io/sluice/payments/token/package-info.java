/**
 * Amounts as people read and write them: a {@link io.sluice.payments.token.Token} has a symbol and
 * decimals, {@link io.sluice.payments.token.Tokens} are those that are known here. Start with
 * {@link io.sluice.payments.token.WrittenAmount}.
 */
@org.jspecify.annotations.NullMarked
package io.sluice.payments.token;
