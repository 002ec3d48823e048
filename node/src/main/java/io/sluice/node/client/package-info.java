/** The client: finds offers, makes deals, receives and verifies content, pays as it goes. */
@NullMarked
package io.sluice.node.client;

import org.jspecify.annotations.NullMarked;
