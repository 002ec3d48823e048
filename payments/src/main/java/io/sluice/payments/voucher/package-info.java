/**
 * Vouchers and the other statements that a channel's key signs: their EIP-712 digests, signing,
 * checking, and the encrypted files that keys are kept in.
 *
 * <p>Start at {@link io.sluice.payments.voucher.Domain} and {@link
 * io.sluice.payments.voucher.SignedVoucher}. Nothing else in the house touches Web3j's
 * cryptography.
 */
@NullMarked
package io.sluice.payments.voucher;

import org.jspecify.annotations.NullMarked;
