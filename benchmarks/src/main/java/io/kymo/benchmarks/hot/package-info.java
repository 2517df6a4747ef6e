/**
 * JMH benchmarks of the hot paths. Each class measures one path beside a baseline over the same
 * bytes, which is the method named {@code baseline}; see {@code HotPathBenchmark}.
 */
package io.kymo.benchmarks.hot;
