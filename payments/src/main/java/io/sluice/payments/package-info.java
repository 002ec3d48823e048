/**
 * Payment channels and their lanes: opening, paying, redeeming and settling, and the port to their
 * journal.
 */
@NullMarked
package io.sluice.payments;

import org.jspecify.annotations.NullMarked;
