/**
 * What there is to know about a home's money at a moment, for those who watch over it: {@link
 * io.sluice.payments.watch.MoneyWatch} looks, {@link io.sluice.payments.watch.MoneyFigures} is what
 * it sees.
 */
@NullMarked
package io.sluice.payments.watch;

import org.jspecify.annotations.NullMarked;
