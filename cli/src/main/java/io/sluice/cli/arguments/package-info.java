/**
 * What is typed behind a command's name: {@link io.sluice.cli.arguments.Arguments} declares it, the
 * rest are values that have a form of their own.
 */
@NullMarked
package io.sluice.cli.arguments;

import org.jspecify.annotations.NullMarked;
