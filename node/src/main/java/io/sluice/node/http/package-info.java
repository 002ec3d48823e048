/** The admin API and metrics over HTTP. */
@NullMarked
package io.sluice.node.http;

import org.jspecify.annotations.NullMarked;
