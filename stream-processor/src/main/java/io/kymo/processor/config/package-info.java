/** What can be set on the stream-processor, in one table. */
package io.kymo.processor.config;
