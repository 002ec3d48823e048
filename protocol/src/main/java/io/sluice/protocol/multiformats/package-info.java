/** Self-describing values: varints, multihashes, CIDs, multibase and multiaddrs. */
@NullMarked
package io.sluice.protocol.multiformats;

import org.jspecify.annotations.NullMarked;
