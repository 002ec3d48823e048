/** Content archives: reading and writing CARv1 and CARv2 files. */
@NullMarked
package io.sluice.protocol.car;

import org.jspecify.annotations.NullMarked;
