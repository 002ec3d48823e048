/** What a node can be asked to do, in process and over HTTP alike. */
@NullMarked
package io.sluice.node.api;

import org.jspecify.annotations.NullMarked;
