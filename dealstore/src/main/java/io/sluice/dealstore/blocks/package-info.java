/** The block store: append-only CARv2 files with an index. */
@NullMarked
package io.sluice.dealstore.blocks;

import org.jspecify.annotations.NullMarked;
