/**
 * The IPLD data model: nodes, their codecs, selectors and the walk over a DAG, and the port to
 * where blocks are kept.
 */
@NullMarked
package io.sluice.protocol.ipld;

import org.jspecify.annotations.NullMarked;
