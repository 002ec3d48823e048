/**
 * How fast this program is on this machine, and how fast it could be: {@link RetrieveBench} times
 * whole commands, and in the same minutes what they are measured against.
 */
package io.sluice.cli.bench;
