/**
 * What {@code kymo bench} measures: whole processes side by side with their baseline in one run,
 * and JMH for the hot paths.
 */
package io.kymo.benchmarks;
