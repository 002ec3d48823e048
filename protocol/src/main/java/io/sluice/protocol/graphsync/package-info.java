/** Graphsync: the messages that ask for a DAG by selector and bring its blocks. */
@NullMarked
package io.sluice.protocol.graphsync;

import org.jspecify.annotations.NullMarked;
