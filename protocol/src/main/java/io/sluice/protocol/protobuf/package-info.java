/** Protobuf, as far as the protocols of others need it: fields by number, without schemas. */
@NullMarked
package io.sluice.protocol.protobuf;

import org.jspecify.annotations.NullMarked;
