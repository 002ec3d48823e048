/** All the money of one home: {@link io.sluice.payments.home.Payments} wires both ends. */
@NullMarked
package io.sluice.payments.home;

import org.jspecify.annotations.NullMarked;
