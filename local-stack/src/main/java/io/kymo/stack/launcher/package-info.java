/**
 * The commands of {@code kymo}, and the processes of the one-machine default that they start, watch
 * and end.
 */
package io.kymo.stack.launcher;
