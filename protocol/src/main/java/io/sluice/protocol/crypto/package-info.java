/** Native code for what is done to every byte. */
@NullMarked
package io.sluice.protocol.crypto;

import org.jspecify.annotations.NullMarked;
