/** What the stream-processor counts, in one enum, and how it is shown. */
package io.kymo.processor.metrics;
