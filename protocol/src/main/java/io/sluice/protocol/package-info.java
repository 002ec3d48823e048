/** What every protocol has in common: the error that bad input from a peer or a file ends in. */
@NullMarked
package io.sluice.protocol;

import org.jspecify.annotations.NullMarked;
