/** The configuration of a node: its keys, defaults and checks. */
@NullMarked
package io.sluice.node.config;

import org.jspecify.annotations.NullMarked;
