/** Vouchers: their digest, signing and checking. */
@NullMarked
package io.sluice.payments.voucher;

import org.jspecify.annotations.NullMarked;
