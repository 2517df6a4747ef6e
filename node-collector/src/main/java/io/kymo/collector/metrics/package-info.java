/** What the collector counts, and how others see it: Prometheus, health, batches. */
package io.kymo.collector.metrics;
