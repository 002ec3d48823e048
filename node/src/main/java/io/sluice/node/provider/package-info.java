/** The provider: answers queries, judges proposals, sends blocks as they are paid for. */
@NullMarked
package io.sluice.node.provider;

import org.jspecify.annotations.NullMarked;
